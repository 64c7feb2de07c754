#include "s3l_cuda.h"
#include "s3l_version.h"

#include <c10/util/Exception.h>

#ifdef S3L_CUDA_HEADERS
#include <ATen/ATen.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/cuda.h>

#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace {

c10::DeviceIndex number(c10::Device device) { return device.has_index() ? device.index() : c10::DeviceIndex{0}; }

// libtorch knows nothing of a device's memory before the first tensor on it.
void begin(c10::Device device) { (void)at::empty({0}, at::TensorOptions(device)); }

// Libraries keep work space for each stream that they ever saw, so streams are used again.
class Streams {
   public:
    static c10::cuda::CUDAStream take(c10::DeviceIndex device) {
        const std::lock_guard<std::mutex> lock(gate());
        auto& kept = idle()[device];
        if (kept.empty()) return c10::cuda::getStreamFromPool(false, device);
        const c10::cuda::CUDAStream stream = kept.back();
        kept.pop_back();
        return stream;
    }

    static void give_back(c10::cuda::CUDAStream stream) {
        const std::lock_guard<std::mutex> lock(gate());
        idle()[stream.device_index()].push_back(stream);
    }

   private:
    static std::mutex& gate() {
        static std::mutex mutex;
        return mutex;
    }

    static std::map<c10::DeviceIndex, std::vector<c10::cuda::CUDAStream>>& idle() {
        static std::map<c10::DeviceIndex, std::vector<c10::cuda::CUDAStream>> streams;
        return streams;
    }
};

// Recorded on a stream of its own, as CUDA asks for, and replayed on the stream of the day. Autograd, cuBLAS and cuDNN keep something for each
// stream, so work is rehearsed on the same one.
class Graph : public s3l::Recording {
   public:
    explicit Graph(c10::DeviceIndex device) : device_(device), stream_(Streams::take(device)) {}

    ~Graph() override { Streams::give_back(stream_); }

    void enter(bool record) override {
        torch::cuda::synchronize(device_);
        before_ = std::make_unique<c10::cuda::CUDAStreamGuard>(stream_);
        if (!record) return;
        try {
            // Memory that rehearsals left would lie idle beside the graph's own.
            c10::cuda::CUDACachingAllocator::emptyCache();
            graph_ = std::make_unique<at::cuda::CUDAGraph>();
#if S3L_TORCH_AT_LEAST(2, 1)
            // What other threads do on the device is not this graph's concern.
            graph_->capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
#else
            graph_->capture_begin();
#endif
        } catch (...) {
            graph_.reset();
            before_.reset();
            throw;
        }
        is_capturing_ = true;
        s3l::set_recording(true);
    }

    void leave() override {
        s3l::set_recording(false);
        const bool was_capturing = std::exchange(is_capturing_, false);
        if (was_capturing) graph_->capture_end();
        before_.reset();
        torch::cuda::synchronize(device_);
        if (was_capturing) replay();
    }

    void abandon() override {
        s3l::set_recording(false);
        const bool was_capturing = std::exchange(is_capturing_, false);
        try {
            if (was_capturing) graph_->capture_end();
            // Where `leave` could not end the capture, its graph has no pool and says so here.
            else if (graph_) (void)graph_->pool();
            graph_.reset();
        } catch (...) {
            // libtorch's memory and random numbers go on as if this graph were being recorded, and ask it: it must stay.
            (void)graph_.release();
            before_.reset();
            throw;
        }
        before_.reset();
        torch::cuda::synchronize(device_);
    }

    void replay() override {
        TORCH_CHECK(graph_, "nothing was recorded");
        graph_->replay();
    }

   private:
    c10::DeviceIndex device_;
    c10::cuda::CUDAStream stream_;
    std::unique_ptr<c10::cuda::CUDAStreamGuard> before_;
    std::unique_ptr<at::cuda::CUDAGraph> graph_;
    bool is_capturing_ = false;
};

}  // namespace

namespace s3l {

std::unique_ptr<Recording> make_cuda_recording(c10::Device device) { return std::make_unique<Graph>(number(device)); }

CudaMemory cuda_memory(c10::Device device) {
    begin(device);
    c10::cuda::CUDAGuard here(number(device));
    const auto statistics = c10::cuda::CUDACachingAllocator::getDeviceStats(number(device));
    // The first of several figures is that of all blocks.
    const auto &bytes = statistics.allocated_bytes[0], &reserved = statistics.reserved_bytes[0];
    size_t free = 0, total = 0;
    C10_CUDA_CHECK(cudaMemGetInfo(&free, &total));
    return {bytes.current, bytes.peak, reserved.current, static_cast<int64_t>(free), static_cast<int64_t>(total)};
}

void reset_peak_cuda_memory(c10::Device device) {
    begin(device);
    c10::cuda::CUDACachingAllocator::resetPeakStats(number(device));
}

}  // namespace s3l
#else
namespace {

[[noreturn]] void refuse() {
    C10_THROW_ERROR(NotImplementedError, "this libs3l_torch was compiled without CUDA's headers (cuda_runtime_api.h)");
}

}  // namespace

namespace s3l {

std::unique_ptr<Recording> make_cuda_recording(c10::Device) { refuse(); }

CudaMemory cuda_memory(c10::Device) { refuse(); }

void reset_peak_cuda_memory(c10::Device) { refuse(); }

}  // namespace s3l
#endif
