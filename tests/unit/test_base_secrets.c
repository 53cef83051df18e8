/* base: what is kept of command lines, parameters and variables that hold secrets; what is none stays. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "assay/base.h"

static void word(const char *before, const char *in, const char *wanted)
{
	struct str out;

	str_init(&out);
	secret_word(before, in, &out);
	assert_string_equal(out.data, wanted);
	str_release(&out);
}

static void test_masked(void **state)
{
	(void)state;
	word(NULL, "--password=hush", "--password=masked");
	word(NULL, "--db_password=a=b", "--db_password=masked");
	word(NULL, "PGPASSWORD=x", "PGPASSWORD=masked");
	word(NULL, "DB_PASSWORD=x y", "DB_PASSWORD=masked");
	word("--api-key", "abc", "masked");
	word("--token", "abc", "masked");
	word("--hf_token", "abc", "masked");
	word("-H", "Authorization: Bearer abc", "Authorization: Bearer masked");
	word(NULL, "https://ada:hush@host/x?y=1", "https://ada:masked@host/x?y=1");
	word(NULL, "--db=postgres://ada:h@u@host/x", "--db=postgres://ada:masked@host/x");
	word(NULL, "https://ghp_0123456789abcdefghij@github.com/x", "https://masked@github.com/x");
	word(NULL, "a://u:p@h b://v:q@i", "a://u:masked@h b://v:masked@i");
	word(NULL, "--login=hf_AbCdEfGhIjKlMnOp0123", "--login=masked");
	word(NULL, "sk-proj-0123456789abcdef", "masked");
}

static void test_left(void **state)
{
	static const char *const same[] = {
	    "--max-tokens=512",
	    "--pad_token=<pad>",
	    "--tokenizer=bert",
	    "--num-keys=8",
	    "--key=age",
	    "--sort-key=name",
	    "--passes=3",
	    "--author=ada",
	    "--password",
	    "--password=",
	    "ssh://git@host/repo",
	    "https://host/a:b@c",
	    "sk-learn-like-a-name",
	    "train.py",
	    "password.txt",
	    "a=b",
	    "",
	    "=",
	    "print('secret=1')",
	    "data/secret=1/x.csv",
	    "--secret-sharing=no",
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(same); i++)
		word(NULL, same[i], same[i]);
	word("--max-tokens", "512", "512");
	word("--password", "--verbose", "--verbose");
	word("--password=x", "train.py", "train.py");
	word("password", "train.py", "train.py");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_masked), cmocka_unit_test(test_left)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
