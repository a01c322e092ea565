// Threads of our own: TensorFlow's are not to be had through its C API.
#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace sampo {

/** As many threads as processors, the caller among them, unless fewer are asked for. */
class Pool {
 public:
  static Pool& Get() {
    static Pool* pool = new Pool; // lives as long as the process: its threads may
    return *pool;
  }

  /** How many threads may share a call's work from now on, the caller among them. */
  void Limit(int threads) { width_ = std::max(1, std::min(threads, helpers_ + 1)); }

  /** Calls `work(begin, end)` for ranges that make up 0 to `count`, of at least `least` each but the last. */
  void Divide(int64_t count, int64_t least, const std::function<void(int64_t, int64_t)>& work) {
    const int width = width_;
    const int64_t parts = std::min<int64_t>(4 * width, count / std::max<int64_t>(least, 1));
    if (width == 1 || parts < 2) return work(0, count);
    auto job = std::make_shared<Job>();
    job->work = &work;
    job->count = count;
    job->grain = (count + parts - 1) / parts;
    job->left = count;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      jobs_.push_back(job);
    }
    wake_.notify_all();
    Help(*job);
    std::unique_lock<std::mutex> lock(mutex_);
    jobs_.erase(std::remove(jobs_.begin(), jobs_.end(), job), jobs_.end());
    done_.wait(lock, [&] { return job->left.load() == 0; });
  }

 private:
  struct Job {
    const std::function<void(int64_t, int64_t)>* work; // the caller's, who waits until nothing is left
    int64_t count, grain;
    std::atomic<int64_t> next{0}, left;
  };

  Pool() : helpers_(std::max(1u, std::thread::hardware_concurrency()) - 1), width_(helpers_ + 1) {
    for (int i = 0; i < helpers_; i++) std::thread([this] { Serve(); }).detach();
  }

  /** Takes ranges of a job until there are none. */
  void Help(Job& job) {
    for (int64_t begin = job.next.fetch_add(job.grain); begin < job.count; begin = job.next.fetch_add(job.grain)) {
      const int64_t end = std::min(job.count, begin + job.grain);
      (*job.work)(begin, end);
      if (job.left.fetch_sub(end - begin) == end - begin) {
        std::lock_guard<std::mutex> lock(mutex_);
        done_.notify_all();
      }
    }
  }

  void Serve() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      std::shared_ptr<Job> job;
      for (auto& candidate : jobs_) {
        if (candidate->next.load() < candidate->count) {
          job = candidate;
          break;
        }
      }
      if (!job) {
        wake_.wait(lock);
        continue;
      }
      lock.unlock();
      Help(*job);
      lock.lock();
    }
  }

  const int helpers_;
  std::atomic<int> width_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::deque<std::shared_ptr<Job>> jobs_;
};

} // namespace sampo
