// SPDX-License-Identifier: GPL-2.0
/* The tracepoints that trace.h declares. */

#include "trace.h"

/* What includes the rest of it once more must not declare functions again. */
#define CREATE_TRACE_POINTS
#include "trace.h"
