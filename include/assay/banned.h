/* Functions that this house does not use, as compile errors (base.h includes this). */
#ifndef ASSAY_BANNED_H
#define ASSAY_BANNED_H

#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok strtok_r atoi atol atof system popen
#pragma GCC poison strncpy strncat localtime gmtime ctime asctime

#endif
