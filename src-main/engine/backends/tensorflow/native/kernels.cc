// Kernels for a processor, each of them one pass over memory where TensorFlow's ops take several: what `g.fused` calls
// by name (graph/builder.ts). Rows are divided among threads and each is computed alike whoever computes it, so results
// do not depend on how many threads there are. All tensors are float32 and row-major where nothing else is said.
#include <node_api.h>
#include <tensorflow/c/ops.h>

#include <string>
#include <utility>

#include "attention.h"
#include "call.h"
#include "pool.h"
#include "rows.h"

namespace {

using namespace sampo;

/** Below this many numbers a thread of its own costs more than it gives. */
constexpr int64_t kLeastNumbers = 16 << 10;

void Swiglu(Call& call) {
  float* out = call.OutLike(0, 0);
  if (!out) return;
  const float *gate = call.In(0), *up = call.In(1);
  Pool::Get().Divide(call.Size(0), kLeastNumbers, [=](int64_t begin, int64_t end) {
    SwigluRange(gate + begin, up + begin, out + begin, end - begin);
  });
}

void SwigluGradient(Call& call) {
  float *d_gate = call.OutLike(0, 0), *d_up = call.OutInPlace(1, 2);
  if (!d_gate || !d_up) return;
  const float *gate = call.In(0), *up = call.In(1), *dy = call.In(2);
  Pool::Get().Divide(call.Size(0), kLeastNumbers, [=](int64_t begin, int64_t end) {
    SwigluGradientRange(gate + begin, up + begin, dy + begin, d_gate + begin, d_up + begin, end - begin);
  });
}

void RmsNorm(Call& call) {
  float* y = call.OutLike(0, 0);
  if (!y) return;
  const float *x = call.In(0), *weight = call.In(1);
  const float epsilon = call.Scalar(2);
  const int64_t width = call.LastDim(0), rows = call.Size(0) / width;
  Pool::Get().Divide(rows, kLeastNumbers / width, [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) RmsNormRow(x + row * width, weight, epsilon, y + row * width, width);
  });
}

void RmsNormGradient(Call& call) {
  float* dx = call.OutInPlace(0, 2);
  if (!dx) return;
  const float *x = call.In(0), *weight = call.In(1), *dy = call.In(2);
  const float epsilon = call.Scalar(3);
  const int64_t width = call.LastDim(0), rows = call.Size(0) / width;
  Pool::Get().Divide(rows, kLeastNumbers / width, [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++)
      RmsNormGradientRow(x + row * width, weight, dy + row * width, epsilon, dx + row * width, width);
  });
}

void AddLowRank(Call& call) {
  float* out = call.OutInPlace(0, 0);
  if (!out) return;
  const float *plain = call.In(0), *low = call.In(1), *b = call.In(2); // [M, n], [M, rank], [n, rank]
  const int64_t n = call.LastDim(0), rows = call.Size(0) / n, rank = call.LastDim(1);
  float* turned = call.Temporary(rank * n);
  if (!turned) return;
  for (int64_t i = 0; i < n; i++)
    for (int64_t r = 0; r < rank; r++) turned[r * n + i] = b[i * rank + r];
  Pool::Get().Divide(rows, kLeastNumbers / n, [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++)
      AddLowRankRow(plain + row * n, low + row * rank, turned, rank, out + row * n, n);
  });
}

/** dy [M, n], low [M, rank] and b [n, rank] -> dy b and dyᵀ low. */
void LowRankGradient(Call& call) {
  float *d_low = call.OutLike(0, 1), *d_b = call.OutLike(1, 2);
  if (!d_low || !d_b) return;
  const float *dy = call.In(0), *low = call.In(1), *b = call.In(2);
  const int64_t n = call.LastDim(0), rows = call.Size(0) / n, rank = call.LastDim(1);
  // blocks of rows have sums of their own, added in order: the same whatever the number of threads
  constexpr int64_t kBlock = 128;
  const int64_t blocks = (rows + kBlock - 1) / kBlock;
  float* memory = call.Temporary((n + rows + blocks * n + rows) *
                                 kLanes); // the system's malloc would map and clear these pages at every call
  if (!memory) return;
  Vector *padded_b = reinterpret_cast<Vector*>(memory), *padded_low = padded_b + n, *sums = padded_low + rows,
         *some = sums + blocks * n;
  for (int64_t first = 0; first < rank; first += kLanes) {
    const int64_t columns = std::min<int64_t>(kLanes, rank - first);
    const auto pad = [=](const float* from, int64_t count, Vector* to) {
      for (int64_t i = 0; i < count; i++)
        for (int64_t r = 0; r < kLanes; r++) to[i][r] = r < columns ? from[i * rank + first + r] : 0.0f;
    };
    const auto unpad = [=](const Vector* from, int64_t count, float* to) {
      for (int64_t i = 0; i < count; i++)
        for (int64_t r = 0; r < columns; r++) to[i * rank + first + r] = from[i][r];
    };
    pad(b, n, padded_b);
    pad(low, rows, padded_low);
    std::fill_n(sums, blocks * n, Vector{});
    Pool::Get().Divide(blocks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin * kBlock; row < std::min(rows, end * kBlock); row += kRows)
        LowRankGradientRows(dy + row * n, padded_low + row, padded_b, std::min(kRows, rows - row), n, some + row,
                            sums + row / kBlock * n);
    });
    for (int64_t block = 1; block < blocks; block++)
      for (int64_t i = 0; i < n; i++) sums[i] += sums[block * n + i];
    unpad(some, rows, d_low);
    unpad(sums, n, d_b);
  }
}

/** logits [C, V] -> their softmax; log normalizer, largest and mean [C]. */
void SoftmaxStatistics(Call& call) {
  const int64_t n = call.LastDim(0), rows = call.Size(0) / n;
  float *out = call.OutInPlace(0, 0), *log_normalizer = call.Out(1, {rows}), *top = call.Out(2, {rows}),
        *mean = call.Out(3, {rows});
  if (!out || !log_normalizer || !top || !mean) return;
  const float* x = call.In(0);
  Pool::Get().Divide(rows, kLeastNumbers / n, [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++)
      SoftmaxStatisticsRow(x + row * n, out + row * n, log_normalizer + row, top + row, mean + row, n);
  });
}

/** Calls `turn` for every head of every token with where it stands in [B, T, H, d], in [B, H, T, d] and in the tables
 * [B, 1, T, R]. */
template <typename Turn>
void EachHead(int64_t batch, int64_t tokens, int64_t heads, int64_t head_dim, int64_t dims, Turn turn) {
  Pool::Get().Divide(batch * tokens, kLeastNumbers / (heads * head_dim), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++)
      for (int64_t h = 0; h < heads; h++)
        turn((row * heads + h) * head_dim, ((row / tokens * heads + h) * tokens + row % tokens) * head_dim, row * dims);
  });
}

/** x [B, T, H, d] and tables [B, 1, T, R] -> [B, H, T, d]. */
void RotaryHeads(Call& call) {
  const float *x = call.In(0), *cos = call.In(1), *sin = call.In(2);
  const float scale = call.Scalar(3);
  const int64_t batch = call.Dim(0, 0), tokens = call.Dim(0, 1), heads = call.Dim(0, 2), head_dim = call.Dim(0, 3),
                dims = call.Dim(1, 3);
  float* y = call.Out(0, {batch, heads, tokens, head_dim});
  if (!y) return;
  EachHead(batch, tokens, heads, head_dim, dims, [=](int64_t by_token, int64_t by_head, int64_t table) {
    RotateHead(x + by_token, cos + table, sin + table, scale, y + by_head, dims, head_dim);
  });
}

/** d [B, H, T, d] and tables [B, 1, T, R] -> [B, T, H, d]. */
void RotaryHeadsGradient(Call& call) {
  const float *d = call.In(0), *cos = call.In(1), *sin = call.In(2);
  const float scale = call.Scalar(3);
  const int64_t batch = call.Dim(0, 0), heads = call.Dim(0, 1), tokens = call.Dim(0, 2), head_dim = call.Dim(0, 3),
                dims = call.Dim(1, 3);
  float* dx = call.Out(0, {batch, tokens, heads, head_dim});
  if (!dx) return;
  EachHead(batch, tokens, heads, head_dim, dims, [=](int64_t by_token, int64_t by_head, int64_t table) {
    RotateHeadBack(d + by_head, cos + table, sin + table, scale, dx + by_token, dims, head_dim);
  });
}

struct Kernel {
  const char* name;
  int inputs, outputs;
  void (*compute)(Call&);
  int ids = -1; // the input that is int32
};

/** Names as graphs call them; TensorFlow knows each as "Sampo" + name, its inputs as a0, a1, ... and its outputs as r0,
 * r1, ... (emitter.ts). */
constexpr Kernel kKernels[] = {
    {"Swiglu", 2, 1, Swiglu},
    {"SwigluGradient", 3, 2, SwigluGradient},
    {"RmsNorm", 3, 1, RmsNorm},
    {"RmsNormGradient", 4, 1, RmsNormGradient},
    {"AddLowRank", 3, 1, AddLowRank},
    {"LowRankGradient", 3, 2, LowRankGradient},
    {"CausalAttention", 4, 2, CausalAttention, 3},
    {"CausalAttentionGradient", 7, 3, CausalAttentionGradient, 3},
    {"SoftmaxStatistics", 1, 4, SoftmaxStatistics},
    {"RotaryHeads", 4, 1, RotaryHeads},
    {"RotaryHeadsGradient", 4, 1, RotaryHeadsGradient},
};
constexpr int kKernelCount = sizeof(kKernels) / sizeof(kKernels[0]);

template <int index>
void Compute(void*, TF_OpKernelContext* context) {
  Call call(context);
  kKernels[index].compute(call);
}

/** Throws nothing: a kernel that cannot be registered is not in the list that JavaScript sees. */
template <int index>
bool Register() {
  const Kernel& kernel = kKernels[index];
  const std::string op = std::string("Sampo") + kernel.name;
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(op.c_str());
  for (int i = 0; i < kernel.inputs; i++)
    TF_OpDefinitionBuilderAddInput(definition,
                                   ("a" + std::to_string(i) + (i == kernel.ids ? ": int32" : ": float")).c_str());
  for (int i = 0; i < kernel.outputs; i++)
    TF_OpDefinitionBuilderAddOutput(definition, ("r" + std::to_string(i) + ": float").c_str());
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, &TF_ShapeInferenceContextSetUnknownShape);
  TF_Status* status = TF_NewStatus();
  TF_RegisterOpDefinition(definition, status);
  if (TF_GetCode(status) == TF_OK)
    TF_RegisterKernelBuilder(op.c_str(), TF_NewKernelBuilder(op.c_str(), "CPU", nullptr, &Compute<index>, nullptr),
                             status);
  const bool registered = TF_GetCode(status) == TF_OK;
  TF_DeleteStatus(status);
  return registered;
}

template <int... indexes>
std::vector<bool> RegisterAll(std::integer_sequence<int, indexes...>) {
  return {Register<indexes>()...};
}

} // namespace

/** limit(threads): Pool::Limit. */
napi_value Limit(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  int32_t threads = 0;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  napi_get_value_int32(env, argument, &threads);
  Pool::Get().Limit(threads);
  return nullptr;
}

/** `names`: an array of the kernels that TensorFlow has taken. */
NAPI_MODULE_INIT() {
  static const std::vector<bool> registered = RegisterAll(
      std::make_integer_sequence<int, kKernelCount>()); // once a process, however often Node loads the addon
  napi_value names, name;
  napi_create_array(env, &names);
  uint32_t count = 0;
  for (int i = 0; i < kKernelCount; i++) {
    if (!registered[i]) continue;
    napi_create_string_utf8(env, kKernels[i].name, NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, names, count++, name);
  }
  napi_set_named_property(env, exports, "names", names);
  napi_value limit;
  napi_create_function(env, "limit", NAPI_AUTO_LENGTH, Limit, nullptr, &limit);
  napi_set_named_property(env, exports, "limit", limit);
  return exports;
}
