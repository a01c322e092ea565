// A session that makes several calls at once, which the package's binding cannot: it runs one, on the thread of
// JavaScript.
#include <node_api.h>
#include <tensorflow/c/c_api.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using Status = std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)>;
Status NewStatus() { return Status(TF_NewStatus(), &TF_DeleteStatus); }

struct Model {
  TF_Graph* graph = TF_NewGraph();
  TF_Session* session = nullptr;

  ~Model() {
    if (session) {
      Status status = NewStatus();
      TF_CloseSession(session, status.get());
      TF_DeleteSession(session, status.get());
    }
    TF_DeleteGraph(graph);
  }
};

/** A run of one entry: what goes in, what came out or why nothing did. */
struct Call {
  std::vector<TF_Output> feeds, fetches;
  std::vector<TF_Tensor*> inputs, outputs;
  std::string error;
  bool done = false;

  Call() = default;
  Call(Call&& other) = default;
  ~Call() {
    for (const auto* tensors : {&inputs, &outputs})
      for (TF_Tensor* tensor : *tensors)
        if (tensor) TF_DeleteTensor(tensor);
  }

  void Run(const Model& model) {
    if (!error.empty()) return; // it could not even be fed
    Status status = NewStatus();
    outputs.assign(fetches.size(), nullptr);
    TF_SessionRun(model.session, nullptr, feeds.data(), inputs.data(), static_cast<int>(feeds.size()), fetches.data(),
                  outputs.data(), static_cast<int>(fetches.size()), nullptr, 0, nullptr, status.get());
    if (TF_GetCode(status.get()) != TF_OK) error = TF_Message(status.get());
    done = true;
  }
};

using Lane = std::vector<Call>;

// --- what JavaScript says

napi_value Element(napi_env env, napi_value list, uint32_t i) {
  napi_value value;
  napi_get_element(env, list, i, &value);
  return value;
}

uint32_t Length(napi_env env, napi_value list) {
  uint32_t length = 0;
  napi_get_array_length(env, list, &length);
  return length;
}

std::string Text(napi_env env, napi_value value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
  return text;
}

/** "node" or "node:output". Where the graph has no such node, the call will say so. */
TF_Output OutputOf(const Model& model, const std::string& name, Call* call) {
  const size_t colon = name.find(':');
  const int index = colon == std::string::npos ? 0 : std::atoi(name.c_str() + colon + 1);
  TF_Operation* operation = TF_GraphOperationByName(model.graph, name.substr(0, colon).c_str());
  if (!operation) call->error = "the graph has no node " + name;
  return {operation, index};
}

struct Bytes {
  void* data;
  size_t size;
};

Bytes BytesOf(napi_env env, napi_value array) {
  napi_typedarray_type type;
  size_t length = 0, offset;
  void* data = nullptr;
  napi_value buffer;
  napi_get_typedarray_info(env, array, &type, &length, &data, &buffer, &offset);
  return {data, length * (type == napi_float32_array || type == napi_int32_array ? 4 : 1)};
}

/** [[[name, type, shape, array], ...], [fetch, ...]]. A copy of the feeds, so that JavaScript may do with its own what
 * it likes meanwhile. */
Call CallOf(napi_env env, const Model& model, napi_value described) {
  Call call;
  const napi_value feeds = Element(env, described, 0), fetches = Element(env, described, 1);
  for (uint32_t i = 0; i < Length(env, feeds); i++) {
    const napi_value feed = Element(env, feeds, i), shape = Element(env, feed, 2);
    int32_t type = 0;
    napi_get_value_int32(env, Element(env, feed, 1), &type);
    std::vector<int64_t> dims(Length(env, shape));
    for (uint32_t axis = 0; axis < dims.size(); axis++)
      napi_get_value_int64(env, Element(env, shape, axis), &dims[axis]);
    const Bytes bytes = BytesOf(env, Element(env, feed, 3));
    TF_Tensor* tensor =
        TF_AllocateTensor(static_cast<TF_DataType>(type), dims.data(), static_cast<int>(dims.size()), bytes.size);
    if (!tensor || (bytes.size > 0 && !TF_TensorData(tensor)))
      call.error = "out of memory for a feed";
    else if (bytes.size > 0)
      std::memcpy(TF_TensorData(tensor), bytes.data, bytes.size);
    call.feeds.push_back(OutputOf(model, Text(env, Element(env, feed, 0)), &call));
    call.inputs.push_back(tensor);
  }
  for (uint32_t i = 0; i < Length(env, fetches); i++)
    call.fetches.push_back(OutputOf(model, Text(env, Element(env, fetches, i)), &call));
  return call;
}

// --- what it hears

/** A copy in memory of JavaScript's own: Electron takes no other. */
napi_value ArrayOf(napi_env env, TF_Tensor* tensor) {
  const size_t size = TF_TensorByteSize(tensor);
  const TF_DataType type = TF_TensorType(tensor);
  void* data;
  napi_value buffer, array;
  napi_create_arraybuffer(env, size, &data, &buffer);
  if (size > 0) std::memcpy(data, TF_TensorData(tensor), size);
  const bool wide = type == TF_FLOAT || type == TF_INT32;
  napi_create_typedarray(env,
                         type == TF_FLOAT   ? napi_float32_array
                         : type == TF_INT32 ? napi_int32_array
                                            : napi_uint8_array,
                         wide ? size / 4 : size, buffer, 0, &array);
  return array;
}

napi_value ListOf(napi_env env, const Call& call) {
  napi_value list;
  napi_create_array_with_length(env, call.outputs.size(), &list);
  for (uint32_t i = 0; i < call.outputs.size(); i++) napi_set_element(env, list, i, ArrayOf(env, call.outputs[i]));
  return list;
}

napi_value ErrorOf(napi_env env, const std::string& message) {
  napi_value text, error;
  napi_create_string_utf8(env, message.c_str(), message.size(), &text);
  napi_create_error(env, nullptr, text, &error);
  return error;
}

/** load(folder, config): a saved model tagged "serve"; `config` is a serialized ConfigProto. Gives the model's memory
 * back when JavaScript forgets it, or at `release`. */
napi_value Load(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2], result;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  const Bytes config = BytesOf(env, arguments[1]);
  Status status = NewStatus();
  TF_SessionOptions* options = TF_NewSessionOptions();
  TF_SetConfig(options, config.data, config.size, status.get());
  auto model = std::make_unique<Model>();
  const char* tag = "serve";
  if (TF_GetCode(status.get()) == TF_OK)
    model->session = TF_LoadSessionFromSavedModel(options, nullptr, Text(env, arguments[0]).c_str(), &tag, 1,
                                                  model->graph, nullptr, status.get());
  TF_DeleteSessionOptions(options);
  if (TF_GetCode(status.get()) != TF_OK) {
    napi_throw(env, ErrorOf(env, TF_Message(status.get())));
    return nullptr;
  }
  napi_create_external(
      env, new std::shared_ptr<Model>(std::move(model)),
      [](napi_env, void* held, void*) { delete static_cast<std::shared_ptr<Model>*>(held); }, nullptr, &result);
  return result;
}

std::shared_ptr<Model>& ModelOf(napi_env env, napi_value external) {
  void* held = nullptr;
  napi_get_value_external(env, external, &held);
  return *static_cast<std::shared_ptr<Model>*>(held);
}

/** True, and JavaScript has been told, where the model was released. */
bool IsGone(napi_env env, napi_value external) {
  if (ModelOf(env, external)) return false;
  napi_throw(env, ErrorOf(env, "the model was released"));
  return true;
}

/** release(model): once no call is under way. */
napi_value Release(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  ModelOf(env, argument).reset();
  return nullptr;
}

/** run(model, call): its outputs, on JavaScript's thread. */
napi_value Run(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (IsGone(env, arguments[0])) return nullptr;
  const Model& model = *ModelOf(env, arguments[0]);
  Call call = CallOf(env, model, arguments[1]);
  call.Run(model);
  if (call.error.empty()) return ListOf(env, call);
  napi_throw(env, ErrorOf(env, call.error));
  return nullptr;
}

/** Lanes under way. */
struct Work {
  std::shared_ptr<Model> model;
  std::vector<Lane> lanes;
  const int32_t* stop; // JavaScript's
  napi_ref stop_held = nullptr;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;

  bool Stopped() const { return __atomic_load_n(stop, __ATOMIC_RELAXED) != 0; }

  void RunLane(Lane& lane) {
    for (Call& call : lane) {
      if (Stopped()) return;
      call.Run(*model);
      if (!call.error.empty()) return;
    }
  }
};

void Execute(napi_env, void* data) {
  Work& work = *static_cast<Work*>(data);
  std::vector<std::thread> threads;
  for (size_t i = 1; i < work.lanes.size(); i++) threads.emplace_back([&work, i] { work.RunLane(work.lanes[i]); });
  work.RunLane(work.lanes[0]);
  for (std::thread& thread : threads) thread.join();
}

void Complete(napi_env env, napi_status, void* data) {
  std::unique_ptr<Work> work(static_cast<Work*>(data));
  const std::string* error = nullptr;
  bool whole = true;
  for (const Lane& lane : work->lanes)
    for (const Call& call : lane) {
      if (!call.error.empty() && !error) error = &call.error;
      whole = whole && call.done;
    }
  napi_value result;
  if (error) {
    napi_reject_deferred(env, work->deferred, ErrorOf(env, *error));
  } else {
    napi_get_null(env, &result);
    if (whole) {
      napi_create_array_with_length(env, work->lanes.size(), &result);
      for (uint32_t i = 0; i < work->lanes.size(); i++) {
        napi_value lane;
        napi_create_array_with_length(env, work->lanes[i].size(), &lane);
        for (uint32_t k = 0; k < work->lanes[i].size(); k++)
          napi_set_element(env, lane, k, ListOf(env, work->lanes[i][k]));
        napi_set_element(env, result, i, lane);
      }
    }
    napi_resolve_deferred(env, work->deferred, result);
  }
  napi_delete_reference(env, work->stop_held);
  napi_delete_async_work(env, work->work);
}

/**
 * runLanes(model, [[call, ...], ...], stop): the calls of each lane one after the other, the lanes at once, each on a
 * thread of its own. A promise of their outputs as the calls lie; of null where `stop` (an Int32Array) was no longer 0
 * before the last call began. A failure ends its lane and rejects once the others are through.
 */
napi_value RunLanes(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3], promise, name;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (IsGone(env, arguments[0])) return nullptr;
  auto work = std::make_unique<Work>();
  work->model = ModelOf(env, arguments[0]);
  work->lanes.resize(std::max(1u, Length(env, arguments[1])));
  for (uint32_t i = 0; i < Length(env, arguments[1]); i++) {
    const napi_value lane = Element(env, arguments[1], i);
    for (uint32_t k = 0; k < Length(env, lane); k++)
      work->lanes[i].push_back(CallOf(env, *work->model, Element(env, lane, k)));
  }
  work->stop = static_cast<const int32_t*>(BytesOf(env, arguments[2]).data);
  napi_create_reference(env, arguments[2], 1, &work->stop_held);
  napi_create_promise(env, &work->deferred, &promise);
  napi_create_string_utf8(env, "sampo lanes", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, nullptr, name, &Execute, &Complete, work.get(), &work->work);
  napi_queue_async_work(env, work->work);
  work.release(); // Complete's now
  return promise;
}

} // namespace

NAPI_MODULE_INIT() {
  const struct {
    const char* name;
    napi_callback call;
  } functions[] = {{"load", Load}, {"release", Release}, {"run", Run}, {"runLanes", RunLanes}};
  for (const auto& [name, call] : functions) {
    napi_value made;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, call, nullptr, &made);
    napi_set_named_property(env, exports, name, made);
  }
  return exports;
}
