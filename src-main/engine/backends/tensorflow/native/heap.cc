// TensorFlow's memory on a processor: one growing range of addresses, best fit, neighbours joined when freed. Pages
// that were used once stay, so that a step finds all of its memory mapped. Loading this addon before the library is
// used registers it in TensorFlow's own registry of allocators, ahead of oneDNN's.
//
// Why not theirs (test/bench/RESULTS.md, "Allocators"): oneDNN's pool grows by regions that double, and Electron's
// malloc, which it asks for them, ends the process at 2 GiB; the system's malloc maps, clears and unmaps the pages of
// every large tensor anew, which halves the speed.
#include <node_api.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "xla/tsl/framework/allocator_registry.h"

namespace {

constexpr size_t kMebibyte = size_t{1} << 20;
constexpr size_t kAddresses = size_t{1} << 40; // asked for at first; only what is used costs memory
constexpr size_t kSmall = 16 << 10;            // below this, malloc is as good
constexpr size_t kGrain = 256;                 // every block starts and ends at a multiple
constexpr size_t kGrowth = 32 * kMebibyte;     // the range grows by at least this
constexpr size_t kPage = 4096;

size_t RoundUp(size_t bytes, size_t grain) { return (bytes + grain - 1) / grain * grain; }

class Heap final : public tsl::Allocator {
 public:
  Heap() {
    for (reserved_ = kAddresses; reserved_ > kGrowth; reserved_ /= 2) {
      void* range = mmap(nullptr, reserved_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (range == MAP_FAILED) continue;
      start_ = end_ = reinterpret_cast<uintptr_t>(range);
      return;
    }
    reserved_ = 0;
  }

  std::string Name() override { return "sampo"; }
  tsl::AllocatorMemoryType GetMemoryType() const override { return tsl::AllocatorMemoryType::kHostPageable; }

  void* AllocateRaw(size_t alignment, size_t bytes) override {
    if (bytes < kSmall || alignment > kGrain) {
      void* block = nullptr;
      return posix_memalign(&block, std::max(alignment, sizeof(void*)), std::max<size_t>(bytes, 1)) == 0 ? block
                                                                                                         : nullptr;
    }
    const size_t size = RoundUp(bytes, kGrain);
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = free_.lower_bound({size, 0});
    if (found == free_.end()) {
      if (!Grow(size)) return nullptr; // TensorFlow says "OOM when allocating tensor"
      found = free_.lower_bound({size, 0});
    }
    const auto [available, at] = *found;
    free_.erase(found);
    blocks_[at] = {size, false};
    if (available > size) AddFree(at + size, available - size);
    return reinterpret_cast<void*>(at);
  }

  void DeallocateRaw(void* block) override {
    uintptr_t at = reinterpret_cast<uintptr_t>(block);
    if (at < start_ || at >= start_ + reserved_) return free(block);
    std::lock_guard<std::mutex> lock(mutex_);
    auto own = blocks_.find(at);
    size_t size = own->second.size;
    auto next = blocks_.erase(own);
    if (next != blocks_.end() && next->second.is_free) {
      size += next->second.size;
      next = TakeFree(next);
    }
    if (next != blocks_.begin() && std::prev(next)->second.is_free) {
      auto before = std::prev(next);
      at = before->first;
      size += before->second.size;
      TakeFree(before);
    }
    AddFree(at, size);
  }

 private:
  struct Block {
    size_t size;
    bool is_free;
  };
  using Blocks = std::map<uintptr_t, Block>;

  void AddFree(uintptr_t at, size_t size) {
    blocks_[at] = {size, true};
    free_.insert({size, at});
  }

  Blocks::iterator TakeFree(Blocks::iterator block) {
    free_.erase({block->second.size, block->first});
    return blocks_.erase(block);
  }

  /** Makes a free block of at least `size` bytes at the end of the range; false where the system gives no more. */
  bool Grow(size_t size) {
    auto last = blocks_.empty() ? blocks_.end() : std::prev(blocks_.end());
    const bool joins = last != blocks_.end() && last->second.is_free;
    const size_t missing = RoundUp(size - (joins ? last->second.size : 0), kPage);
    for (size_t more : {std::max(missing, kGrowth), missing}) {
      if (more > start_ + reserved_ - end_ ||
          mprotect(reinterpret_cast<void*>(end_), more, PROT_READ | PROT_WRITE) != 0)
        continue;
      const uintptr_t at = joins ? last->first : end_;
      const size_t whole = joins ? last->second.size + more : more;
      if (joins) TakeFree(last);
      AddFree(at, whole);
      end_ += more;
      return true;
    }
    return false;
  }

  std::mutex mutex_;
  Blocks blocks_;                               // by address, without gaps from start_ to end_
  std::set<std::pair<size_t, uintptr_t>> free_; // the free ones by size, then address
  uintptr_t start_ = 0, end_ = 0;               // what may be used so far
  size_t reserved_ = 0;
};

/** What TensorFlow's other allocators build upon, where it wants one of those. */
class HeapParts final : public tsl::SubAllocator {
 public:
  HeapParts() : SubAllocator({}, {}) {}
  void* Alloc(size_t alignment, size_t bytes, size_t* received) override {
    *received = bytes;
    return heap_.AllocateRaw(alignment, bytes);
  }
  void Free(void* block, size_t) override { heap_.DeallocateRaw(block); }
  bool SupportsCoalescing() const override { return false; }

 private:
  Heap heap_;
};

class Factory final : public tsl::AllocatorFactory {
 public:
  tsl::Allocator* CreateAllocator() override { return new Heap; }
  tsl::SubAllocator* CreateSubAllocator(int) override { return new HeapParts; }
};

constexpr int kPriority = 300; // oneDNN's has 200, the plain one 100
const tsl::AllocatorFactoryRegistration registration(__FILE__, __LINE__, "SampoHeap", kPriority, new Factory);

} // namespace

NAPI_MODULE_INIT() { return exports; }
