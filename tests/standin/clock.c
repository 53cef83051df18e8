/* A wall clock that is set: preloaded, it adds the milliseconds that the file STANDIN_CLOCK says just now. The monotonic
 * clock goes on as it is. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *t)
{
	long rc = syscall(SYS_clock_gettime, id, t);
	const char *path = getenv("STANDIN_CLOCK");
	char text[32];
	ssize_t n;
	int fd;

	if (rc || id != CLOCK_REALTIME || !path)
		return (int)rc;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n > 0) {
		text[n] = 0;
		t->tv_sec += strtol(text, NULL, 10) / 1000;
	}
	return 0;
}
