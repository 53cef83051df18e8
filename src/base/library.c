/* Libraries that need not be there. */
#include <dlfcn.h>

#include "assay/base.h"

bool library_load(const char *const *names, const struct library_call *calls, size_t count,
                  const char **lacks)
{
	void *library = NULL;

	*lacks = NULL;
	/* NODELETE: threads of a library outlive a dlclose. */
	for (size_t i = 0; names[i] && !library; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	for (size_t i = 0; library && i < count; i++) {
		void *symbol = dlsym(library, calls[i].name);

		if (!symbol) {
			*lacks = calls[i].name;
			return false;
		}
		memcpy(calls[i].to, &symbol, sizeof(symbol));
	}
	return library;
}
