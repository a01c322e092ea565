// Where threads run.
#include <node_api.h>
#include <sched.h>

namespace {

/** pin(thread, i): keeps a thread of this process on the i-th of its processors, counted around. True where the system
 * has done so. */
napi_value Pin(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2], result;
  int32_t thread = 0, index = 0;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  napi_get_value_int32(env, arguments[0], &thread);
  napi_get_value_int32(env, arguments[1], &index);
  cpu_set_t own, one;
  CPU_ZERO(&one);
  bool pinned = false;
  if (sched_getaffinity(0, sizeof(own), &own) == 0) {
    int left = index % CPU_COUNT(&own);
    for (int processor = 0; processor < CPU_SETSIZE; processor++)
      if (CPU_ISSET(processor, &own) && left-- == 0) CPU_SET(processor, &one);
    pinned = sched_setaffinity(thread, sizeof(one), &one) == 0;
  }
  napi_get_boolean(env, pinned, &result);
  return result;
}

} // namespace

NAPI_MODULE_INIT() {
  napi_value pin;
  napi_create_function(env, "pin", NAPI_AUTO_LENGTH, Pin, nullptr, &pin);
  napi_set_named_property(env, exports, "pin", pin);
  return exports;
}
