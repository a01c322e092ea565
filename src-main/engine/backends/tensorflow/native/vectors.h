// Arithmetic on sixteen numbers at a time, whatever the width of the processor's own vectors.
#pragma once
#pragma GCC diagnostic ignored "-Wpsabi"
#include <cstdint>

// One compilation for each level of vector instructions; the loader picks the processor's.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#define SAMPO_VECTORS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#elif defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) // GCC 12 is the first to know the levels here
#define SAMPO_VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SAMPO_VECTORS
#endif
// Always inlined, so that no vector is ever passed from one level's code to another's.
#define SAMPO_INLINE inline __attribute__((always_inline))

namespace sampo {

constexpr int kLanes = 16; // sums run in so many parts, whatever the processor: the order is part of the result
typedef float Vector __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));
typedef uint32_t Bits __attribute__((vector_size(4 * kLanes)));

SAMPO_INLINE Vector Load(const float* at) { return *reinterpret_cast<const Vector*>(at); }
SAMPO_INLINE void Store(float* at, Vector x) { *reinterpret_cast<Vector*>(at) = x; }
SAMPO_INLINE Vector Splat(float x) { return x - Vector{}; }

SAMPO_INLINE float Total(Vector x) {
  float total = 0;
  for (int l = 0; l < kLanes; l++) total += x[l];
  return total;
}

/** e^x within 2 units in the last place (Cody and Waite's reduction, a polynomial of degree 6): exactly 0 below -87, no
 * more than e^88, NaN of NaN. */
SAMPO_INLINE Vector Exp(Vector x) {
  const Vector low = Splat(-87.0f), high = Splat(88.0f);
  const Vector cut = x > high ? high : x;
  const Vector shifted = cut * 1.44269504088896341f + 12582912.0f; // the integer stands in the low bits
  const Vector n = shifted - 12582912.0f;
  const Vector r = (cut - n * 0.693359375f) + n * 2.12194440e-4f;
  Vector p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const Vector e = p * r * r + r + 1.0f;
  return x < low ? Vector{} : e * (Vector)(((Bits)shifted << 23) + 0x3f800000u); // times 2^n
}

SAMPO_INLINE Vector Sigmoid(Vector x) { return 1.0f / (1.0f + Exp(-x)); }

SAMPO_INLINE float SumOfProducts(const float* a, const float* b, int64_t n) {
  const int64_t whole = n / kLanes * kLanes;
  Vector sums = {};
  for (int64_t i = 0; i < whole; i += kLanes) sums += Load(a + i) * Load(b + i);
  float total = Total(sums);
  for (int64_t i = whole; i < n; i++) total += a[i] * b[i];
  return total;
}

} // namespace sampo
