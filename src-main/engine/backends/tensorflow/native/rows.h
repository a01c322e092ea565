// What the kernels do with one row, or with a range of numbers. All float32.
#pragma once
#include <algorithm>
#include <cmath>

#include "vectors.h"

namespace sampo {

/** silu(gate) * up (Shazeer 2020, arXiv 2002.05202). */
SAMPO_INLINE Vector SwigluOf(Vector gate, Vector up) { return gate * Sigmoid(gate) * up; }

SAMPO_VECTORS void SwigluRange(const float* gate, const float* up, float* out, int64_t n) {
  const int64_t whole = n / kLanes * kLanes;
  for (int64_t i = 0; i < whole; i += kLanes) Store(out + i, SwigluOf(Load(gate + i), Load(up + i)));
  for (int64_t i = whole; i < n; i++) out[i] = SwigluOf(Splat(gate[i]), Splat(up[i]))[0];
}

/** With s = sigmoid(gate): d up = dy gate s; d gate = dy up s (1 + gate (1 - s)). `d_up` may be `dy`. */
SAMPO_VECTORS void SwigluGradientRange(const float* gate, const float* up, const float* dy, float* d_gate, float* d_up,
                                       int64_t n) {
  const auto one = [](Vector g, Vector u, Vector d, Vector& d_g, Vector& d_u) __attribute__((always_inline)) {
    const Vector s = Sigmoid(g);
    d_g = d * u * s * (1.0f + g * (1.0f - s));
    d_u = d * g * s;
  };
  const int64_t whole = n / kLanes * kLanes;
  Vector d_g, d_u;
  for (int64_t i = 0; i < whole; i += kLanes) {
    one(Load(gate + i), Load(up + i), Load(dy + i), d_g, d_u);
    Store(d_gate + i, d_g);
    Store(d_up + i, d_u);
  }
  for (int64_t i = whole; i < n; i++) {
    one(Splat(gate[i]), Splat(up[i]), Splat(dy[i]), d_g, d_u);
    d_gate[i] = d_g[0];
    d_up[i] = d_u[0];
  }
}

/** x / rms(x) * weight; one row. */
SAMPO_VECTORS void RmsNormRow(const float* x, const float* __restrict weight, float epsilon, float* y, int64_t n) {
  const float r = 1.0f / std::sqrt(SumOfProducts(x, x, n) / static_cast<float>(n) + epsilon);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) y[i] = x[i] * r * weight[i];
}

/** dx = r t - x r^3 mean(t x) with t = weight dy and r = 1 / rms(x); one row. `dx` may be `dy`. */
SAMPO_VECTORS void RmsNormGradientRow(const float* __restrict x, const float* __restrict weight, const float* dy,
                                      float epsilon, float* dx, int64_t n) {
  const int64_t whole = n / kLanes * kLanes;
  Vector squares = {}, products = {};
  for (int64_t i = 0; i < whole; i += kLanes) {
    const Vector xi = Load(x + i);
    squares += xi * xi;
    products += xi * (Load(weight + i) * Load(dy + i));
  }
  float square = Total(squares), product = Total(products);
  for (int64_t i = whole; i < n; i++) {
    square += x[i] * x[i];
    product += x[i] * (weight[i] * dy[i]);
  }
  const float r = 1.0f / std::sqrt(square / static_cast<float>(n) + epsilon);
  const float slope = product / static_cast<float>(n) * (r * r * r);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) dx[i] = weight[i] * dy[i] * r - x[i] * slope;
}

/** out = plain + low bᵀ for rows of low [*, rank] and b transposed, [rank, n]. `out` may be `plain`. */
SAMPO_VECTORS void AddLowRankRow(const float* plain, const float* __restrict low, const float* __restrict b,
                                 int64_t rank, float* out, int64_t n) {
  constexpr int64_t kVectors = 4;
  int64_t i = 0;
  for (; i + kVectors * kLanes <= n; i += kVectors * kLanes) {
    Vector sum[kVectors];
    for (int64_t v = 0; v < kVectors; v++) sum[v] = Load(plain + i + v * kLanes);
    for (int64_t r = 0; r < rank; r++)
      for (int64_t v = 0; v < kVectors; v++) sum[v] += low[r] * Load(b + r * n + i + v * kLanes);
    for (int64_t v = 0; v < kVectors; v++) Store(out + i + v * kLanes, sum[v]);
  }
  for (; i < n; i++) {
    float sum = plain[i];
    for (int64_t r = 0; r < rank; r++) sum += low[r] * b[r * n + i];
    out[i] = sum;
  }
}

constexpr int64_t kRows = 4; // of dy at a time: their sums stay in registers

/** For `rows` rows (at most kRows) of dy [*, n] and of low, and b [n, *], the latter two padded to 16 columns: d_low =
 * dy b [rows, 16], d_b += dyᵀ low [n, 16]. */
SAMPO_VECTORS void LowRankGradientRows(const float* __restrict dy, const Vector* __restrict low,
                                       const Vector* __restrict b, int64_t rows, int64_t n, Vector* __restrict d_low,
                                       Vector* __restrict d_b) {
  const float* row[kRows];
  Vector l[kRows], sum[kRows] = {};
  for (int64_t k = 0; k < kRows; k++) {
    row[k] = dy + std::min(k, rows - 1) * n;
    l[k] = k < rows ? low[k] : Vector{};
  }
  for (int64_t i = 0; i < n; i++) {
    const Vector bi = b[i];
    Vector di = d_b[i];
    for (int64_t k = 0; k < kRows; k++) {
      sum[k] += row[k][i] * bi;
      di += row[k][i] * l[k];
    }
    d_b[i] = di;
  }
  for (int64_t k = 0; k < rows; k++) d_low[k] = sum[k];
}

/** The largest of one row, -infinity of none; NaN are passed over. */
SAMPO_INLINE float Largest(const float* x, int64_t n) {
  const int64_t whole = n / kLanes * kLanes;
  Vector tops = Splat(-INFINITY);
  for (int64_t i = 0; i < whole; i += kLanes) {
    const Vector xi = Load(x + i);
    tops = xi > tops ? xi : tops;
  }
  float top = -INFINITY;
  for (int l = 0; l < kLanes; l++) top = std::max(top, tops[l]);
  for (int64_t i = whole; i < n; i++) top = std::max(top, x[i]);
  return top;
}

/** Writes e^(x - top) / total and returns the total; `out` may be `x`. NaN in, NaN out. */
SAMPO_INLINE float SoftmaxRow(const float* x, float top, float* out, int64_t n) {
  const int64_t whole = n / kLanes * kLanes;
  Vector sums = {};
  for (int64_t i = 0; i < whole; i += kLanes) {
    const Vector e = Exp(Load(x + i) - top);
    Store(out + i, e);
    sums += e;
  }
  float total = Total(sums);
  for (int64_t i = whole; i < n; i++) {
    out[i] = Exp(Splat(x[i] - top))[0];
    total += out[i];
  }
  const float scale = 1.0f / total;
  for (int64_t i = 0; i < n; i++) out[i] *= scale;
  return total;
}

/** Of one row of logits: their softmax, log of the sum of their exponentials, largest and mean. `out` may be `x`. */
SAMPO_VECTORS void SoftmaxStatisticsRow(const float* x, float* out, float* log_normalizer, float* top, float* mean,
                                        int64_t n) {
  const int64_t whole = n / kLanes * kLanes;
  Vector sums = {};
  for (int64_t i = 0; i < whole; i += kLanes) sums += Load(x + i);
  float sum = Total(sums);
  for (int64_t i = whole; i < n; i++) sum += x[i];
  *mean = sum / static_cast<float>(n);
  *top = Largest(x, n);
  *log_normalizer = *top + std::log(SoftmaxRow(x, *top, out, n));
}

/** One head of one token: dims 0 to `dims` rotated, i with i + dims / 2; the rest times `scale`. */
SAMPO_VECTORS void RotateHead(const float* __restrict x, const float* __restrict cos, const float* __restrict sin,
                              float scale, float* __restrict y, int64_t dims, int64_t head_dim) {
  const int64_t half = dims / 2;
  for (int64_t i = 0; i < half; i++) {
    y[i] = x[i] * cos[i] + x[i + half] * sin[i];
    y[i + half] = x[i + half] * cos[i + half] + x[i] * sin[i + half];
  }
  for (int64_t i = dims; i < head_dim; i++) y[i] = x[i] * scale;
}

/** The transpose of RotateHead. */
SAMPO_VECTORS void RotateHeadBack(const float* __restrict d, const float* __restrict cos, const float* __restrict sin,
                                  float scale, float* __restrict dx, int64_t dims, int64_t head_dim) {
  const int64_t half = dims / 2;
  for (int64_t i = 0; i < half; i++) {
    dx[i] = d[i] * cos[i] + d[i + half] * sin[i + half];
    dx[i + half] = d[i + half] * cos[i + half] + d[i] * sin[i];
  }
  for (int64_t i = dims; i < head_dim; i++) dx[i] = d[i] * scale;
}

} // namespace sampo
