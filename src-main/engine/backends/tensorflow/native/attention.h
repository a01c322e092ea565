// Causal attention within shared-prefix rows in tiles that stay in the caches, as FlashAttention does it (Dao et al.
// 2022, arXiv 2205.14135): no [T, T] is ever written. Tiles that nobody may see are skipped: later keys, and the other
// response's.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "call.h"
#include "multiply.h"
#include "pool.h"
#include "rows.h"

namespace sampo {

constexpr int64_t kTile = 64; // queries, and keys, of a tile

/** One row of a tile of scores: keys that a query of segment `own` may not see, beside those after the first `visible`,
 * become very negative. */
SAMPO_VECTORS void HideRow(float* __restrict scores, const int32_t* __restrict segments, int32_t own, int64_t visible) {
  for (int64_t k = 0; k < kTile; k++) {
    const bool seen = k < visible && (segments[k] == 0 || segments[k] == own);
    scores[k] = seen ? scores[k] : -1e30f;
  }
}

/** Softmax of a row that lies in tiles; returns log Σ e^score. Weights are left without their common factor, which goes
 * to `scale`. */
SAMPO_VECTORS float SoftmaxTilesRow(float* row, int64_t tiles, float* scale) {
  Vector tops = Splat(-INFINITY), sums = {};
  for (int64_t t = 0; t < tiles; t++)
    for (int64_t k = 0; k < kTile; k += kLanes) {
      const Vector x = Load(row + t * kTile * kTile + k);
      tops = x > tops ? x : tops;
    }
  float top = tops[0];
  for (int l = 1; l < kLanes; l++) top = std::max(top, tops[l]);
  for (int64_t t = 0; t < tiles; t++)
    for (int64_t k = 0; k < kTile; k += kLanes) {
      float* at = row + t * kTile * kTile + k;
      const Vector e = Exp(Load(at) - top);
      Store(at, e);
      sums += e;
    }
  const float total = Total(sums);
  *scale = 1.0f / total;
  return top + std::log(total);
}

/** scores -> weights e^(score - log_sum), d_weights -> d_scores: weight (d_weight - along). */
SAMPO_VECTORS void SoftmaxTileGradientRow(float* scores, float* d_weights, float log_sum, float along) {
  for (int64_t k = 0; k < kTile; k += kLanes) {
    const Vector weight = Exp(Load(scores + k) - log_sum);
    Store(scores + k, weight);
    Store(d_weights + k, weight * (Load(d_weights + k) - along));
  }
}

SAMPO_VECTORS void ScaleRow(float* x, float scale, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes) Store(x + i, Load(x + i) * scale);
}

SAMPO_VECTORS void AddRow(const float* __restrict x, float* __restrict to, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] += x[i];
}

SAMPO_VECTORS float SumOfProductsOf(const float* a, const float* b, int64_t n) { return SumOfProducts(a, b, n); }

/** rows [count, n] to [n, kTile], zeros after `count`. */
inline void TransposeTile(const float* rows, int64_t count, int64_t n, float* out) {
  for (int64_t c = 0; c < n; c++)
    for (int64_t k = 0; k < kTile; k++) out[c * kTile + k] = k < count ? rows[k * n + c] : 0.0f;
}

/** Shapes of one call, and which tiles of it are seen. q [B, H, T, d], k and v [B, K, T, d], segments [B, T], out [B,
 * T, H, d]. */
class Attention {
 public:
  explicit Attention(Call& call)
      : batch(call.Dim(0, 0)),
        heads(call.Dim(0, 1)),
        tokens(call.Dim(0, 2)),
        dim(call.Dim(0, 3)),
        kv_heads(call.Dim(1, 1)),
        blocks((tokens + kTile - 1) / kTile),
        group(heads / kv_heads) {
    const int32_t* given = call.In<int32_t>(3);
    segments_.assign(batch * blocks * kTile, -1);
    present_.assign(batch * blocks, 0);
    for (int64_t b = 0; b < batch; b++)
      for (int64_t t = 0; t < tokens; t++) {
        const int32_t segment = given[b * tokens + t];
        segments_[b * blocks * kTile + t] = segment;
        present_[b * blocks + t / kTile] |= 1u << (segment & 31);
      }
  }

  int64_t Count(int64_t block) const { return std::min(kTile, tokens - block * kTile); }
  /** Whether any of these queries sees any of these keys, which are not later ones. */
  bool Seen(int64_t b, int64_t queries, int64_t keys) const {
    const uint32_t of_keys = present_[b * blocks + keys];
    return (of_keys & 1u) || (of_keys & present_[b * blocks + queries]);
  }
  /** Scores of a tile: q kᵀ, hidden where a query may not see a key. */
  void Scores(int64_t b, int64_t queries, int64_t keys, const float* q, const float* transposed_k,
              float* scores) const {
    const int64_t rows = Count(queries);
    Multiply({q, dim, 1, transposed_k, kTile, scores, kTile, rows, dim, kTile, false});
    const uint32_t of_keys = present_[b * blocks + keys];
    const bool whole = keys < queries &&
                       (of_keys == 1u || (of_keys == present_[b * blocks + queries] && (of_keys & (of_keys - 1)) == 0));
    if (whole) return;
    const int32_t* segments = segments_.data() + b * blocks * kTile;
    for (int64_t r = 0; r < rows; r++)
      HideRow(scores + r * kTile, segments + keys * kTile, segments[queries * kTile + r],
              keys < queries ? kTile : r + 1);
  }
  /** x [B, K, T, d] as tiles [d, kTile]. */
  void Transpose(const float* x, float* out) const {
    Pool::Get().Divide(batch * kv_heads * blocks, 1, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t block = i % blocks;
        TransposeTile(x + (i / blocks * tokens + block * kTile) * dim, Count(block), dim, out + i * dim * kTile);
      }
    });
  }
  /** Where the keys of query head `h` begin among [B, K]. */
  int64_t KeyHead(int64_t b, int64_t h) const { return b * kv_heads + h / group; }
  int64_t OutRow(int64_t b, int64_t t, int64_t h) const { return ((b * tokens + t) * heads + h) * dim; }

  const int64_t batch, heads, tokens, dim, kv_heads, blocks, group;

 private:
  std::vector<int32_t> segments_; // padded to whole tiles
  std::vector<uint32_t> present_; // of each tile: bit s where a token is of segment s
};

/** Memory of a thread that lasts from call to call. */
inline float* Scratch(int64_t size) {
  thread_local std::vector<float> memory;
  if (static_cast<int64_t>(memory.size()) < size) memory.resize(size);
  return memory.data();
}

/** q, k, v and segments -> softmax(q kᵀ) v as [B, T, H, d], and each query's log Σ e^score [B, H, T] for the gradient.
 */
inline void CausalAttention(Call& call) {
  const Attention a(call);
  float *out = call.Out(0, {a.batch, a.tokens, a.heads, a.dim}), *log_sums = call.Out(1, {a.batch, a.heads, a.tokens}),
        *turned = call.Temporary(a.batch * a.kv_heads * a.blocks * a.dim * kTile);
  if (!out || !log_sums || !turned) return;
  const float *q = call.In(0), *k = call.In(1), *v = call.In(2);
  a.Transpose(k, turned);
  Pool::Get().Divide(a.batch * a.heads * a.blocks, 1, [=, &a](int64_t begin, int64_t end) {
    float* scores = Scratch(a.blocks * kTile * kTile);
    std::vector<int64_t> seen;
    float scale[kTile];
    for (int64_t i = begin; i < end; i++) {
      const int64_t block = i % a.blocks, head = i / a.blocks, b = head / a.heads, h = head % a.heads,
                    rows = a.Count(block), first = block * kTile;
      const int64_t keys = a.KeyHead(b, h);
      seen.clear();
      for (int64_t j = 0; j <= block; j++) {
        if (!a.Seen(b, block, j)) continue;
        a.Scores(b, block, j, q + (head * a.tokens + first) * a.dim, turned + (keys * a.blocks + j) * a.dim * kTile,
                 scores + seen.size() * kTile * kTile);
        seen.push_back(j);
      }
      for (int64_t r = 0; r < rows; r++)
        log_sums[head * a.tokens + first + r] = SoftmaxTilesRow(scores + r * kTile, seen.size(), scale + r);
      float* to = out + a.OutRow(b, first, h);
      for (size_t s = 0; s < seen.size(); s++)
        Multiply({scores + s * kTile * kTile, kTile, 1, v + (keys * a.tokens + seen[s] * kTile) * a.dim, a.dim, to,
                  a.heads * a.dim, rows, a.Count(seen[s]), a.dim, s > 0});
      for (int64_t r = 0; r < rows; r++) ScaleRow(to + r * a.heads * a.dim, scale[r], a.dim);
    }
  });
}

/** q, k, v, segments, out, its log sums and d_out -> d_q, d_k, d_v. A query head has sums of its own for its keys,
 * added in order at the end. */
inline void CausalAttentionGradient(Call& call) {
  const Attention a(call);
  const int64_t of_head = a.tokens * a.dim, turned_size = a.batch * a.kv_heads * a.blocks * a.dim * kTile;
  float *d_q = call.OutLike(0, 0), *d_k = call.OutLike(1, 1), *d_v = call.OutLike(2, 2);
  float *turned_k = call.Temporary(turned_size), *turned_v = call.Temporary(turned_size);
  float *some_k = a.group == 1 ? d_k : call.Temporary(a.batch * a.heads * of_head),
        *some_v = a.group == 1 ? d_v : call.Temporary(a.batch * a.heads * of_head);
  if (!d_q || !d_k || !d_v || !turned_k || !turned_v || !some_k || !some_v) return;
  const float *q = call.In(0), *k = call.In(1), *v = call.In(2), *out = call.In(4), *log_sums = call.In(5),
              *d_out = call.In(6);
  a.Transpose(k, turned_k);
  a.Transpose(v, turned_v);
  Pool::Get().Divide(a.batch * a.heads, 1, [=, &a](int64_t begin, int64_t end) {
    float *weights = Scratch(2 * kTile * kTile), *d_scores = weights + kTile * kTile;
    float along[kTile];
    const int64_t stride = a.heads * a.dim;
    for (int64_t head = begin; head < end; head++) {
      const int64_t b = head / a.heads, h = head % a.heads, keys = a.KeyHead(b, h);
      std::fill_n(some_k + head * of_head, of_head, 0.0f);
      std::fill_n(some_v + head * of_head, of_head, 0.0f);
      for (int64_t block = 0; block < a.blocks; block++) {
        const int64_t rows = a.Count(block), first = block * kTile;
        const float *queries = q + head * of_head + first * a.dim, *d = d_out + a.OutRow(b, first, h);
        for (int64_t r = 0; r < rows; r++)
          along[r] = SumOfProductsOf(d + r * stride, out + a.OutRow(b, first + r, h), a.dim);
        bool is_first = true;
        for (int64_t j = 0; j <= block; j++) {
          if (!a.Seen(b, block, j)) continue;
          const int64_t tile = (keys * a.blocks + j) * a.dim * kTile, count = a.Count(j),
                        own = head * of_head + j * kTile * a.dim;
          a.Scores(b, block, j, queries, turned_k + tile, weights);
          Multiply({d, stride, 1, turned_v + tile, kTile, d_scores, kTile, rows, a.dim, kTile, false});
          for (int64_t r = 0; r < rows; r++)
            SoftmaxTileGradientRow(weights + r * kTile, d_scores + r * kTile, log_sums[head * a.tokens + first + r],
                                   along[r]);
          Multiply({weights, 1, kTile, d, stride, some_v + own, a.dim, count, rows, a.dim, true});
          Multiply({d_scores, 1, kTile, queries, a.dim, some_k + own, a.dim, count, rows, a.dim, true});
          Multiply({d_scores, kTile, 1, k + keys * of_head + j * kTile * a.dim, a.dim,
                    d_q + head * of_head + first * a.dim, a.dim, rows, count, a.dim, !is_first});
          is_first = false;
        }
      }
    }
  });
  if (a.group == 1) return;
  Pool::Get().Divide(a.batch * a.kv_heads, 1, [=, &a](int64_t begin, int64_t end) {
    for (int64_t keys = begin; keys < end; keys++)
      for (const auto& [some, sum] : {std::pair<const float*, float*>{some_k, d_k}, {some_v, d_v}}) {
        const float* from = some + keys * a.group * of_head;
        float* to = sum + keys * of_head;
        std::copy_n(from, of_head, to);
        for (int64_t g = 1; g < a.group; g++) AddRow(from + g * of_head, to, of_head);
      }
  });
}

} // namespace sampo
