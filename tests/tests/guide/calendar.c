/* The calendar of a play: the programs into which this is loaded see another day than the machine does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *at) {
  static int (*machine)(clockid_t, struct timespec *);
  if (!machine) machine = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int failed = machine(clock, at);
  const char *seconds = getenv("CALENDAR");
  if (!failed && clock == CLOCK_REALTIME && seconds) at->tv_sec += atoll(seconds);
  return failed;
}
