// Products of small matrices that stay in the caches.
#pragma once
#include "vectors.h"

namespace sampo {

/** A [rows, n] with any strides, B [n, columns] with rows `b_row` apart, C [rows, columns] with rows `c_row` apart. */
struct Product {
  const float* a;
  int64_t a_row, a_step;
  const float* b;
  int64_t b_row;
  float* c;
  int64_t c_row;
  int64_t rows, n, columns; // columns: a multiple of kLanes
  bool add;                 // to C instead of over it
};

/** R rows of C and V vectors of its columns, held in registers over all n. Every element is summed in the same order
 * whatever R and V. */
template <int R, int V>
SAMPO_INLINE void Tile(const Product& p, int64_t row, int64_t column) {
  const float* a = p.a + row * p.a_row;
  const float* b = p.b + column;
  float* c = p.c + row * p.c_row + column;
  Vector sum[R][V];
  for (int r = 0; r < R; r++)
    for (int v = 0; v < V; v++) sum[r][v] = p.add ? Load(c + r * p.c_row + v * kLanes) : Vector{};
  for (int64_t k = 0; k < p.n; k++) {
    Vector bk[V];
    for (int v = 0; v < V; v++) bk[v] = Load(b + k * p.b_row + v * kLanes);
    for (int r = 0; r < R; r++) {
      const float ak = a[r * p.a_row + k * p.a_step];
      for (int v = 0; v < V; v++) sum[r][v] += ak * bk[v];
    }
  }
  for (int r = 0; r < R; r++)
    for (int v = 0; v < V; v++) Store(c + r * p.c_row + v * kLanes, sum[r][v]);
}

template <int V>
SAMPO_INLINE void Strip(const Product& p, int64_t column, int most) {
  int64_t row = 0;
  if (most >= 8)
    for (; row + 8 <= p.rows; row += 8) Tile<8, V>(p, row, column);
  for (; row + 4 <= p.rows; row += 4) Tile<4, V>(p, row, column);
  for (; row < p.rows; row++) Tile<1, V>(p, row, column);
}

/** For processors with 32 registers of 16 numbers. */
SAMPO_VECTORS void MultiplyWide(const Product& p) {
  int64_t column = 0;
  for (; column + 2 * kLanes <= p.columns; column += 2 * kLanes) Strip<2>(p, column, 8);
  for (; column < p.columns; column += kLanes) Strip<1>(p, column, 8);
}

/** For those with fewer or shorter ones. */
SAMPO_VECTORS void MultiplyNarrow(const Product& p) {
  for (int64_t column = 0; column < p.columns; column += kLanes) Strip<1>(p, column, 4);
}

inline void Multiply(const Product& p) {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx512f");
#else
  static const bool wide = false;
#endif
  wide ? MultiplyWide(p) : MultiplyNarrow(p);
}

} // namespace sampo
