/* Public keys for tests, made by `ssh-keygen -t TYPE`, with the fingerprints that `ssh-keygen -l` prints. */
#ifndef ASSAY_TEST_ROSTER_KEYS_H
#define ASSAY_TEST_ROSTER_KEYS_H

#define BLOB_A  "AAAAC3NzaC1lZDI1NTE5AAAAICpUom/nuFT2SHDk6xSahSKyx2qO3K70x1ocF6/wCRIX"
#define BLOB_B  "AAAAC3NzaC1lZDI1NTE5AAAAIEKS45o5lvl9jsQaELhnqfzzW85ulgQNxItHJ2Y2QMEg"
#define BLOB_C  "AAAAC3NzaC1lZDI1NTE5AAAAIGrJ/U5GzpPiGGAl7Twk65rM6TCfgYFz59OypbSrWCQA"
#define BLOB_D  "AAAAC3NzaC1lZDI1NTE5AAAAICNG0jLgEVYijU/ynoFeIa9NzFButlNvZ+VXzBJpj/yI"
#define BLOB_E  "AAAAC3NzaC1lZDI1NTE5AAAAILQgjtovMA7AqWFCzAlWcJ7D8nu2HVqXZFASo17Dz5gE"
#define BLOB_F  "AAAAC3NzaC1lZDI1NTE5AAAAIDCBlqjZy8/3zdr8pkXzJqWV10Qa5g3Ep+1iLJCQLkLP"
#define BLOB_G  "AAAAC3NzaC1lZDI1NTE5AAAAIIH7cCWdu35mgjyeh2wtzFX+fGhQjYxoQwBhBW+44IPZ"
#define BLOB_H  "AAAAC3NzaC1lZDI1NTE5AAAAILoiVmRC/eB5KgjHZ0ZzW7f3B2yn+zy9TRgz7Nyw+sj7"
#define BLOB_I  "AAAAC3NzaC1lZDI1NTE5AAAAILKza955VWN7Qc4SoSK5dS3rJwNH45uJviIPg/a6Sswo"
#define BLOB_J  "AAAAC3NzaC1lZDI1NTE5AAAAIAS5f8KYVijFS1krFFiNm3k3/6Ea/QrC8gwe+0I52I1Q"
#define KEY_A   "ssh-ed25519 " BLOB_A
#define KEY_B   "ssh-ed25519 " BLOB_B
#define KEY_C   "ssh-ed25519 " BLOB_C
#define KEY_D   "ssh-ed25519 " BLOB_D
#define KEY_E   "ssh-ed25519 " BLOB_E
#define KEY_F   "ssh-ed25519 " BLOB_F
#define KEY_G   "ssh-ed25519 " BLOB_G
#define KEY_H   "ssh-ed25519 " BLOB_H
#define KEY_I   "ssh-ed25519 " BLOB_I
#define KEY_J   "ssh-ed25519 " BLOB_J
#define PRINT_A "SHA256:9LlONDi5HsKKM+Wj8Btse23bAmV9euQHtVYg/MkgIyw"
#define KEY_RSA_3072                                                                                         \
	"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQD2JQT1DIbuJjNNyGROOvSftvGZMSI+4wdDXUtUX7tj0wsSSuLoJD"             \
	"ogPVQUhMk6HfZ6jyGIsb9SQABBYrWqI0WmDcyePI6XhO/xcMLxTnt9VLNWopGqA4kpf6J5iKPqdSkHafQ0Ggkul3Sc"             \
	"dVoRETpFQABB+2/2iw+mZR5i39gtI19cOxzJ94nLhoMO4Irs7sWa/36qxzi0FkR02LC8tM6gTJH0pR06Ef1X7eroJI"             \
	"JWSkLCr/npCHMBXKu4seFMU6iptT8/9diJkb99492Dd1Kb1W299wgxUKinZgUZP7Q0flvBaHwDZlL/mAO9eqxR4Znj"             \
	"Z781TkY2n9kKkEieueNFDCH2PVWifbHFoVlso476Pasp6tGrPieiC5DSIuwNarVVIGcUo+uFr9U0HIxe9BnX8vHZ8w"             \
	"Kwlf+ipjwec2TNRKXQex/ecAG7pKvWPSzv/GGrQc6jG+d64vDR+DXUajR+Gidye6goXW5DCGYBXetQlLWEFFXyTtSQ"             \
	"rbiivgoXjc8="
#define PRINT_RSA_3072 "SHA256:W4V+/o0bxeYGlDmuHV11xrZ+sel9xJerGied67YD+D4"
#define KEY_RSA_2048                                                                                         \
	"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCI/NRsWOE46u1gC38NcosqVro6zfcbj07eSEgUYSsgorlfYhUt77"             \
	"8spNaDnNcXCYZcdovSsTAJHuDw4ZszX2BHNZF9/NrmnRic5TuR1Gz0VPNo/DHw5eMdgEGkv/dWQOzV2+UOdHGo28La"             \
	"NKkeeJ9g6Xanj3jHf7u9oYTbnrHb2gCoGluNWj7QDVzMYyqRQ7dSsFXccjfYb6SfsVXkobLZI0vLGb8lpn87PocxSl"             \
	"nawft5bgBm3esytuYnjSTjUqwAzdKJH0QUHaQee0CzuIUmsz9Dh70DW5TLW0DIrB0/CuoI/qLiNtxMbBvq65OCRoWj"             \
	"x64fW8koWbNUDVZ4cnDR"
#define KEY_DSA                                                                                              \
	"ssh-dss AAAAB3NzaC1kc3MAAACBAItxpyNM4TvolfjndSyn+skwK3dbvvvs3cRzvyofJsxOCi4MOQXujUIonTNfMB"             \
	"iyNzK45BMJO3T8khV0xSpnDpGaNPw9RGZ5QJXOXf8OGJTGvdJuQDQY1Ph/PZRmCfD/ADdCSZRQAcWnVMmBO61Y8HC4"             \
	"l5+u2qM4dVrbj0ObXFSrAAAAFQDzIhOX5qQM3z5urx5jiXpi184PFwAAAIBnc0vJYc+p/ZpTE26ATUnCs53s5UuxEv"             \
	"CrVusyaymy3K8g70AhlF6SzmJjb9jQzofgJRy1H7mmPdFx5BBYhV/AB0xletNifEdzwJp0ZPmEkKdSrAl3s0YK0tMU"             \
	"jEBokcT+kgrjNnRsqrgzqloZEMkytOk8Gvm4ryjPqdO0tIJD9AAAAIB0BcxCEJEj+a14IPjji8hGLJ3tQReVJPZe2v"             \
	"O1kcaC1CFiUTgKBst63+VuxeeghuTW/5feHd5jDa/8/iK0VhhsmqSIwrOMDIeF6vgj6McXMMHqTJ4/iVau5ci+oeIw"             \
	"rUU3OWid+T20h5Ii4oOlW9Uv48v28t2mu2YSH+VY0XL7BQ=="
#define KEY_ECDSA                                                                                            \
	"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBP1JEqrvBJ1gvy529g"             \
	"IXaGknfsp9uqmevNmoOEHayVPrejS1eiccXx1j8erEduIm/DjqLZAEk96UtPA9ABafKts="
#define PRINT_ECDSA "SHA256:UkKiuNPyKC7mFVAfQKPQkJ5sy4WgsMyFAvuZ+XsLxqE"

#endif
