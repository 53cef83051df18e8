/* Key pairs that sign in tests: made for this with `ssh-keygen -t ed25519`, used for nothing else. Signatures
 * by keys of this kind are the same each time. */
#ifndef TESTS_TRUST_KEYS_H
#define TESTS_TRUST_KEYS_H

struct trust_key {
	const char *name, *roles, *users, *full_name, *public_key, *private_key;
};
static const struct trust_key TRUST_KEYS[] = {
    {"ada", "owner,operator,roster-admin", "ada@trainbox", "Ada%20Byron",
     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICXLWZRxU/PlSVUmcFruZQ9CgEOVY2IbFv0D+10qh1MA",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n"
     "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
     "QyNTUxOQAAACAly1mUcVPz5UlVJnBa7mUPQoBDlWNiGxb9A/tdKodTAAAAAJhi8oQQYvKE\n"
     "EAAAAAtzc2gtZWQyNTUxOQAAACAly1mUcVPz5UlVJnBa7mUPQoBDlWNiGxb9A/tdKodTAA\n"
     "AAAECf0cVC3e616C3OJxUc3mgpLegYBXFvKQY+UT7pjssd7SXLWZRxU/PlSVUmcFruZQ9C\n"
     "gEOVY2IbFv0D+10qh1MAAAAAE2FkYSwgZm9yIHRlc3RzIG9ubHkBAg==\n"
     "-----END OPENSSH PRIVATE KEY-----\n"},
    {"li", "peer,operator,roster-admin", "li@box", "Li%20Wei",
     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF+xNR8pqGFdQ5pOIuVLdLdDlPV+GUCURCTNKez9KZ24",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n"
     "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
     "QyNTUxOQAAACBfsTUfKahhXUOaTiLlS3S3Q5T1fhlAlEQkzSns/SmduAAAAJh0v5p8dL+a\n"
     "fAAAAAtzc2gtZWQyNTUxOQAAACBfsTUfKahhXUOaTiLlS3S3Q5T1fhlAlEQkzSns/SmduA\n"
     "AAAEBTmRnw4l6Kbxhzo+WGmSpz8l0SLBkaaKYg4NMZrPLKi1+xNR8pqGFdQ5pOIuVLdLdD\n"
     "lPV+GUCURCTNKez9KZ24AAAAEmxpLCBmb3IgdGVzdHMgb25seQECAw==\n"
     "-----END OPENSSH PRIVATE KEY-----\n"},
    {"ana", "risk-reviewer,auditor", "ana@box", "Ana%20Sousa",
     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILp/roqDt0EW6NfT6zp02NBkyouDIBbc+xxKdjDgJUbF",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n"
     "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
     "QyNTUxOQAAACC6f66Kg7dBFujX0+s6dNjQZMqLgyAW3PscSnYw4CVGxQAAAJixIzx+sSM8\n"
     "fgAAAAtzc2gtZWQyNTUxOQAAACC6f66Kg7dBFujX0+s6dNjQZMqLgyAW3PscSnYw4CVGxQ\n"
     "AAAEDTEfWaWXDHCmeOdTry/lLh9uhdgizK1QpHIkG04BDr+bp/roqDt0EW6NfT6zp02NBk\n"
     "youDIBbc+xxKdjDgJUbFAAAAE2FuYSwgZm9yIHRlc3RzIG9ubHkBAg==\n"
     "-----END OPENSSH PRIVATE KEY-----\n"},
    {"oto", "risk-reviewer", "oto@box", "Oto%20Marek",
     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE6YCiImEv35SVvpYXHGqyBzXDiUsLGHiQAIRICL3F0y",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n"
     "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
     "QyNTUxOQAAACBOmAoiJhL9+Ulb6WFxxqsgc1w4lLCxh4kACESAi9xdMgAAAJi41dfBuNXX\n"
     "wQAAAAtzc2gtZWQyNTUxOQAAACBOmAoiJhL9+Ulb6WFxxqsgc1w4lLCxh4kACESAi9xdMg\n"
     "AAAEC+vQRkQIjgrQsMwakBxT8dhjzFlFySclA0haGQhxoCTE6YCiImEv35SVvpYXHGqyBz\n"
     "XDiUsLGHiQAIRICL3F0yAAAAE290bywgZm9yIHRlc3RzIG9ubHkBAg==\n"
     "-----END OPENSSH PRIVATE KEY-----\n"},
};

#endif
