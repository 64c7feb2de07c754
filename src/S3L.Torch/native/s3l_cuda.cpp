#include "s3l_cuda.h"

#include <c10/util/Exception.h>

#ifdef S3L_CUDA_HEADERS
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/cuda.h>

#include <exception>

namespace {

c10::DeviceIndex number(c10::Device device) { return device.has_index() ? device.index() : c10::DeviceIndex{0}; }

// Recorded on a stream of its own, as CUDA asks for, and replayed on the stream of the day. Autograd, cuBLAS and cuDNN keep something for each
// stream, so work is rehearsed on the same one.
class Graph : public s3l::Recording {
   public:
    explicit Graph(c10::DeviceIndex device) : device_(device), stream_(c10::cuda::getStreamFromPool(false, device)) {}

    void enter(bool record) override {
        torch::cuda::synchronize(device_);
        before_ = std::make_unique<c10::cuda::CUDAStreamGuard>(stream_);
        is_capturing_ = record;
        if (!record) return;
        // Memory that rehearsals left would lie idle beside the graph's own.
        c10::cuda::CUDACachingAllocator::emptyCache();
        graph_ = std::make_unique<at::cuda::CUDAGraph>();
        graph_->capture_begin();
        s3l::set_recording(true);
    }

    void leave() override {
        s3l::set_recording(false);
        if (is_capturing_) graph_->capture_end();
        before_.reset();
        torch::cuda::synchronize(device_);
        if (is_capturing_) replay();
        is_capturing_ = false;
    }

    void abandon() noexcept override {
        s3l::set_recording(false);
        try {
            if (is_capturing_) graph_->capture_end();
        } catch (const std::exception&) {
            // A broken capture cannot be ended well; what broke it has been reported.
        }
        is_capturing_ = false;
        graph_.reset();
        before_.reset();
    }

    void replay() override { graph_->replay(); }

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
    c10::cuda::CUDAGuard here(number(device));
    // The first of several statistics is that of all blocks.
    const auto bytes = c10::cuda::CUDACachingAllocator::getDeviceStats(number(device)).allocated_bytes[0];
    size_t free = 0, total = 0;
    C10_CUDA_CHECK(cudaMemGetInfo(&free, &total));
    return {bytes.current, bytes.peak, static_cast<int64_t>(free), static_cast<int64_t>(total)};
}

void reset_peak_cuda_memory(c10::Device device) { c10::cuda::CUDACachingAllocator::resetPeakStats(number(device)); }

}  // namespace s3l
#else
namespace {

[[noreturn]] void refuse() {
    TORCH_CHECK_NOT_IMPLEMENTED(false, "this libs3l_torch was compiled without CUDA's headers (cuda_runtime_api.h)");
    throw;
}

}  // namespace

namespace s3l {

std::unique_ptr<Recording> make_cuda_recording(c10::Device) { refuse(); }

CudaMemory cuda_memory(c10::Device) { refuse(); }

void reset_peak_cuda_memory(c10::Device) { refuse(); }

}  // namespace s3l
#endif
