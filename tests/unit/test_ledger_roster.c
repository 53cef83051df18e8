/* The roster: what a good one says, and every fault of a draft refused with its line. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "assay/ledger.h"
#include "../lib/roster_keys.h"

#define NS    "namespaces=\"signoff@assay\" "
#define ADMIN "root@lab " NS KEY_J " roles=roster-admin\n"

static struct arena *mem;
static struct roster roster;
static struct error err;

static int setup(void **state)
{
	(void)state;
	mem = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static int parse(const char *text)
{
	err = (struct error){0};
	return roster_parse("roster", text, strlen(text), mem, &roster, &err);
}

static void reads_people(void **state)
{
	(void)state;
	const struct roster_key *key = NULL;
	const struct roster_person *alice;
	char digest[SHA256_TEXT];
	static const char text[] =
	    "# who may sign\n\n"
	    "alice@lab " NS KEY_A " roles=owner,risk-reviewer;user=alice@gpu1,ali@laptop;name=Alice%20Ng\n"
	    "bob " NS KEY_B " roles=roster-admin\n"
	    " alice@lab\t" NS KEY_RSA_3072
	    " name=Alice%20Ng;roles=risk-reviewer,owner;user=ali@laptop,alice@gpu1;"
	    "departed=yes;compromised=41\n"
	    "zo%C3%AB" NS;

	assert_int_equal(parse(text), -1);
	assert_non_null(strstr(err.text, "roster:6:"));
	assert_int_equal(roster_parse("roster", text, (size_t)(strstr(text, "zo%") - text), mem, &roster, &err),
	                 0);
	assert_int_equal(roster.count, 2);
	alice = roster_find(&roster, "alice@lab");
	assert_non_null(alice);
	assert_string_equal(alice->name, "Alice Ng");
	assert_int_equal(alice->key_count, 2);
	assert_int_equal(alice->role_count, 2);
	assert_true(roster_has_role(alice, "risk-reviewer"));
	assert_false(roster_has_role(alice, "roster-admin"));
	assert_string_equal(alice->keys[0].type, "ssh-ed25519");
	assert_string_equal(alice->keys[0].fingerprint, PRINT_A);
	assert_int_equal(alice->keys[0].line, 3);
	assert_false(alice->keys[0].departed);
	assert_int_equal(alice->keys[0].compromised, 0);
	assert_string_equal(alice->keys[1].fingerprint, PRINT_RSA_3072);
	assert_true(alice->keys[1].departed);
	assert_int_equal(alice->keys[1].compromised, 41);
	assert_ptr_equal(roster_of_user(&roster, "ali@laptop"), alice);
	assert_null(roster_of_user(&roster, "bob@laptop"));
	assert_ptr_equal(roster_of_key(&roster, BLOB_A, &key), alice);
	assert_ptr_equal(key, &alice->keys[0]);
	assert_null(roster_of_key(&roster, BLOB_C, &key));
	assert_string_equal(roster_find(&roster, "bob")->name, "bob");
	assert_null(roster_find(&roster, NULL));
	sha256_hex(roster.text, roster.len, digest);
	assert_string_equal(roster.digest, digest);
}

static void reads_every_type_of_key(void **state)
{
	(void)state;
	assert_int_equal(parse(ADMIN "e " NS KEY_ECDSA " roles=peer\n"), 0);
	assert_string_equal(roster.people[1].keys[0].fingerprint, PRINT_ECDSA);
	/* A FIDO key has the application after the point. */
	assert_int_equal(parse(ADMIN
	                       "f " NS "sk-ssh-ed25519@openssh.com "
	                       "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAICpUom/nuFT2SHDk6xSahSKyx2qO3K70"
	                       "x1ocF6/wCRIXAAAABHNzaDo= roles=peer\n"),
	                 0);
}

/* Requirement T26 and the rest of lint. */
static void refuses_bad_lines(void **state)
{
	(void)state;
	static const struct {
		const char *line, *says;
	} bad[] = {
	    {"*@lab " NS KEY_A " roles=owner", "pattern"},
	    {"alice? " NS KEY_A " roles=owner", "pattern"},
	    {"!alice " NS KEY_A " roles=owner", "pattern"},
	    {"a,b " NS KEY_A " roles=owner", "one principal a line"},
	    {"a cert-authority " KEY_A " roles=owner", "cert-authority"},
	    {"a cert-authority," NS KEY_A " roles=owner", "cert-authority"},
	    {"a " NS KEY_J " roles=owner", "stands in line 1 already, under root@lab"},
	    {"root@lab " NS KEY_J " roles=roster-admin", "stands in line 1 already"},
	    {"al\xc3\xad"
	     "ce " NS KEY_A " roles=owner",
	     "column 3: byte 0xc3"},
	    {"a " NS KEY_RSA_2048 " roles=owner", "3072"},
	    {"a " NS KEY_DSA " roles=owner", "DSA"},
	    {"a " NS "ssh-ed25519-cert-v01@openssh.com AAAA roles=owner", "certificate"},
	    {"a namespaces=\"git\" " KEY_A " roles=owner", "no other option"},
	    {"a namespaces=\"*\" " KEY_A " roles=owner", "no other option"},
	    {"a namespaces=\"signoff@assay\",valid-before=\"20300101\" " KEY_A " roles=owner", "no other option"},
	    {"a " KEY_A " roles=owner", "namespaces="},
	    {"a " NS KEY_A " roles=ownr", "did you mean \"owner\""},
	    {"a " NS KEY_A " roles=owner,owner", "twice"},
	    {"a " NS KEY_A " roles=owner,", "not a role"},
	    {"a " NS KEY_A " rolls=owner", "did you mean \"roles\""},
	    {"a " NS KEY_A " roles=owner;roles=peer", "twice"},
	    {"a " NS KEY_A " roles=", "no value"},
	    {"a " NS KEY_A " user=a@b", "no roles="},
	    {"a " NS KEY_A, "no roles="},
	    {"a " NS KEY_A " roles=owner;user=nobody", "LOGIN@HOST"},
	    {"a " NS KEY_A " roles=owner;user=a@b,a@b", "twice"},
	    {"a " NS KEY_A " roles=owner;name=A%2", "name="},
	    {"a " NS KEY_A " roles=owner;name=A%1B[31m", "name="},
	    {"a " NS KEY_A " roles=owner;name=%E2%80%AEevil", "name="},
	    {"a " NS KEY_A " roles=owner;name=Al Ng", "blank"},
	    {"a " NS KEY_A " roles=owner;departed=no", "departed="},
	    {"a " NS KEY_A " roles=owner;compromised=0", "compromised="},
	    {"a " NS KEY_A " roles=owner;compromised=x", "compromised="},
	    {"a " NS "ssh-rsa " BLOB_A " roles=owner", "type"},
	    {"a " NS "ssh-ed448 " BLOB_A " roles=owner", "type"},
	    {"a " NS "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICpU roles=owner", "type"},
	    {"a " NS "ssh-ed25519 " BLOB_A "AAAA roles=owner", "type"},
	    {"a " NS "ssh-ed25519 AAA roles=owner", "base64"},
	    {"a " NS "ssh-ed25519 AAB= roles=owner", "base64"},
	    {"a " NS "ssh-ed25519", "no public key"},
	    {"a", "no other option"},
	    {"-a " NS KEY_A " roles=owner", "principal"},
	    {"a\"b " NS KEY_A " roles=owner", "principal"},
	    {"a " NS KEY_A " roles=owner\r", "0x0d"},
	};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct str text;

		str_init(&text);
		str_adds(&text, ADMIN);
		str_adds(&text, bad[i].line);
		str_addc(&text, '\n');
		if (!parse(text.data))
			fail_msg("taken: %s", bad[i].line);
		assert_int_equal(err.code, ERR_USAGE);
		if (!strstr(err.text, bad[i].says) || strncmp(err.text, "roster:2: ", 10))
			fail_msg("\"%s\" does not say \"%s\" and roster:2", err.text, bad[i].says);
		str_release(&text);
	}
}

static void refuses_lines_that_disagree(void **state)
{
	(void)state;
	static const char *const second[] = {"roles=owner;user=a@h;name=A", "roles=owner,peer;user=a@i;name=A",
	                                     "roles=owner,peer;user=a@h", "roles=owner,peer;name=A"};

	for (size_t i = 0; i < COUNT_OF(second); i++) {
		char *text = xasprintf(ADMIN "a " NS KEY_A " roles=owner,peer;user=a@h;name=A\na " NS KEY_B " %s\n",
		                       second[i]);

		assert_int_equal(parse(text), -1);
		assert_non_null(strstr(err.text, "roster:3: "));
		assert_non_null(strstr(err.text, "line 2"));
		free(text);
	}
	assert_int_equal(
	    parse(ADMIN "a " NS KEY_A " roles=owner;user=x@h\nb " NS KEY_B " roles=owner;user=x@h\n"), -1);
	assert_non_null(strstr(err.text, "belongs to a already"));
}

static void wants_an_admin(void **state)
{
	(void)state;
	assert_int_equal(parse(""), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(parse("a " NS KEY_A " roles=owner\n"), -1);
	assert_non_null(strstr(err.text, "roster-admin"));
	assert_int_equal(roster_parse("roster", ADMIN "# \0\n", sizeof(ADMIN "# \0\n") - 1, mem, &roster, &err),
	                 -1);
	assert_int_equal(parse(ADMIN), 0);
}

static void keeps_many_people(void **state)
{
	(void)state;
	static const char *const keys[] = {KEY_A, KEY_B, KEY_C, KEY_D, KEY_E, KEY_F, KEY_G, KEY_H, KEY_I};
	struct str text;

	str_init(&text);
	str_adds(&text, ADMIN);
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		str_addf(&text, "p%zu " NS "%s roles=peer\n", i, keys[i]);
	assert_int_equal(parse(text.data), 0);
	assert_int_equal(roster.count, 10);
	assert_string_equal(roster.people[9].principal, "p8");
	assert_string_equal(roster.people[0].principal, "root@lab");
	str_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_people),      cmocka_unit_test(reads_every_type_of_key),
	    cmocka_unit_test(refuses_bad_lines), cmocka_unit_test(refuses_lines_that_disagree),
	    cmocka_unit_test(wants_an_admin),    cmocka_unit_test(keeps_many_people),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
