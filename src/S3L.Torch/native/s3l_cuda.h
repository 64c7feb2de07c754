// What needs CUDA's own headers. Without them everything here says that it is not there.
#pragma once

#include "s3l_recording.h"

namespace s3l {

struct CudaMemory {
    int64_t allocated;  // bytes of tensors
    int64_t peak;       // the most since the last reset
    int64_t reserved;   // bytes that libtorch holds for tensors, with those
    int64_t free;       // bytes that no process uses
    int64_t total;
};

std::unique_ptr<Recording> make_cuda_recording(c10::Device device);

CudaMemory cuda_memory(c10::Device device);

void reset_peak_cuda_memory(c10::Device device);

}  // namespace s3l
