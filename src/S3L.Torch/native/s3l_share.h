// Work in items for libtorch's threads: each thread has a range of its own, and one that is through takes from the end of the longest that is
// left. What disturbs one processor then delays the others by an item at most, and not by its whole range.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <vector>

namespace s3l {

// Memory of one thread for the length of a loop, not set to anything. Vectors that lie across two lines of a cache load at half the speed.
template <class T>
class Scratch {
  public:
    explicit Scratch(int64_t count) : memory_(static_cast<T*>(::operator new(static_cast<size_t>(count) * sizeof(T), kAlignment))) {}
    ~Scratch() { ::operator delete(memory_, kAlignment); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    T* data() const { return memory_; }

  private:
    static constexpr std::align_val_t kAlignment{64};
    T* memory_;
};

// The ranges of the threads, of fewer than 2³² items.
class Shares {
  public:
    Shares(int64_t count, int64_t threads) : ranges_(static_cast<size_t>(threads)) {
        for (int64_t i = 0; i < threads; ++i) {
            ranges_[static_cast<size_t>(i)].store(packed(count * i / threads, count * (i + 1) / threads), std::memory_order_relaxed);
        }
    }

    // Whether there was an item left for this thread.
    bool take(int64_t thread, int64_t& item) {
        if (take_from(ranges_[static_cast<size_t>(thread)], false, item)) return true;
        while (Range* longest = longest_range()) {
            if (take_from(*longest, true, item)) return true;
        }
        return false;
    }

  private:
    // Each in a line of its own; the first item and the end in one number, so that both change at once.
    struct alignas(64) Range : std::atomic<uint64_t> {};

    static uint64_t packed(int64_t begin, int64_t end) { return static_cast<uint64_t>(begin) << 32 | static_cast<uint64_t>(end); }
    static int64_t begin_of(uint64_t range) { return static_cast<int64_t>(range >> 32); }
    static int64_t end_of(uint64_t range) { return static_cast<int64_t>(range & 0xffffffffu); }

    static bool take_from(Range& range, bool last, int64_t& item) {
        uint64_t now = range.load(std::memory_order_relaxed);
        while (begin_of(now) < end_of(now)) {
            const int64_t begin = begin_of(now), end = end_of(now);
            item = last ? end - 1 : begin;
            if (range.compare_exchange_weak(now, last ? packed(begin, end - 1) : packed(begin + 1, end), std::memory_order_relaxed)) return true;
        }
        return false;
    }

    Range* longest_range() {
        Range* longest = nullptr;
        int64_t most = 0;
        for (Range& range : ranges_) {
            const uint64_t now = range.load(std::memory_order_relaxed);
            if (end_of(now) - begin_of(now) <= most) continue;
            most = end_of(now) - begin_of(now);
            longest = &range;
        }
        return longest;
    }

    std::vector<Range> ranges_;
};

// `work(next)` runs once on each thread, and calls `next(item)` until that is false.
template <class Work>
void share(int64_t count, const Work& work) {
    const int64_t threads = std::max<int64_t>(std::min<int64_t>(at::get_num_threads(), count), 1);
    Shares shares(count, threads);
    at::parallel_for(0, threads, 1, [&](int64_t begin, int64_t end) {
        for (int64_t thread = begin; thread < end; ++thread) work([&](int64_t& item) { return shares.take(thread, item); });
    });
}

}  // namespace s3l
