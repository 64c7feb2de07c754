// What holds for a thread, a device or the process: autocast, threads, memory, random numbers, CUDA, switches, recordings.
#include "s3l_border.h"
#include "s3l_cuda.h"
#include "s3l_version.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/cuda.h>

#include <dlfcn.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <cstdlib>

namespace {

using s3l::borrow;
using s3l::device;
using s3l::device_type;
using s3l::give;

#if !S3L_TORCH_AT_LEAST(2, 4)
bool on_cpu(int32_t type) { return device_type(type) == c10::DeviceType::CPU; }
#endif

}  // namespace

extern "C" {

int32_t s3l_autocast_get(int32_t type, uint8_t* enabled, int32_t* dtype) {
    S3L_GUARD({
#if S3L_TORCH_AT_LEAST(2, 4)
        *enabled = at::autocast::is_autocast_enabled(device_type(type));
        *dtype = static_cast<int32_t>(at::autocast::get_autocast_dtype(device_type(type)));
#else
        *enabled = on_cpu(type) ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled();
        *dtype = static_cast<int32_t>(on_cpu(type) ? at::autocast::get_autocast_cpu_dtype() : at::autocast::get_autocast_gpu_dtype());
#endif
    })
}

int32_t s3l_autocast_set(int32_t type, uint8_t enabled, int32_t dtype) {
    S3L_GUARD({
        const auto scalar = static_cast<at::ScalarType>(dtype);
#if S3L_TORCH_AT_LEAST(2, 4)
        at::autocast::set_autocast_enabled(device_type(type), enabled != 0);
        if (dtype >= 0) at::autocast::set_autocast_dtype(device_type(type), scalar);
#else
        if (on_cpu(type)) {
            at::autocast::set_cpu_enabled(enabled != 0);
            if (dtype >= 0) at::autocast::set_autocast_cpu_dtype(scalar);
        } else {
            at::autocast::set_enabled(enabled != 0);
            if (dtype >= 0) at::autocast::set_autocast_gpu_dtype(scalar);
        }
#endif
    })
}

int32_t s3l_autocast_enter(void) { S3L_GUARD({ at::autocast::increment_nesting(); }) }

int32_t s3l_autocast_exit(void) {
    S3L_GUARD({
        if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    })
}

int32_t s3l_threads(int32_t* count) { S3L_GUARD({ *count = at::get_num_threads(); }) }

int32_t s3l_set_threads(int32_t count) {
    S3L_GUARD({
        TORCH_CHECK_VALUE(count > 0, "number of threads must be at least 1, but is ", count);
        at::set_num_threads(count);
        // OpenBLAS keeps a pool of its own that libtorch does not know of.
        using Setter = void (*)(int);
        if (auto setter = reinterpret_cast<Setter>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) setter(count);
    })
}

int32_t s3l_parallel_for(int32_t count, void (*part)(void* state, int32_t begin, int32_t end), void* state) {
    S3L_GUARD({
        at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
            part(state, static_cast<int32_t>(begin), static_cast<int32_t>(end));
        });
    })
}

int32_t s3l_keep_freed_memory(uint8_t* kept) {
    S3L_GUARD({
        *kept = 0;
#if defined(__GLIBC__)
        // Who set the allocator from outside knows better.
        if (std::getenv("MALLOC_MMAP_THRESHOLD_") || std::getenv("MALLOC_TRIM_THRESHOLD_") || std::getenv("GLIBC_TUNABLES")) return S3L_OK;
        // Before 2.35 glibc took no more than the second.
        const bool raised = mallopt(M_MMAP_THRESHOLD, 1 << 30) || mallopt(M_MMAP_THRESHOLD, 32 << 20);
        const bool done = raised && mallopt(M_TRIM_THRESHOLD, 0x7fffffff) && mallopt(M_TOP_PAD, 64 << 20);
        *kept = done;
#endif
    })
}

int32_t s3l_manual_seed(uint64_t seed) { S3L_GUARD({ at::manual_seed(seed); }) }

int32_t s3l_generator_create(int32_t type, int32_t index, uint64_t seed, void** generator) {
    S3L_GUARD({
        const auto where = device(type, index);
        at::Generator made = where.is_cpu() ? at::make_generator<at::CPUGeneratorImpl>(seed)
                                            : at::globalContext().defaultGenerator(where).clone();
        made.set_current_seed(seed);
        *generator = new at::Generator(std::move(made));
    })
}

int32_t s3l_generator_default(int32_t type, int32_t index, void** generator) {
    S3L_GUARD({ *generator = new at::Generator(at::globalContext().defaultGenerator(device(type, index))); })
}

void s3l_generator_release(void* generator) { delete static_cast<at::Generator*>(generator); }

int32_t s3l_generator_seed(void* generator, uint64_t seed) {
    S3L_GUARD({ static_cast<at::Generator*>(generator)->set_current_seed(seed); })
}

int32_t s3l_generator_state(void* generator, void** state) {
    S3L_GUARD({ *state = give(static_cast<at::Generator*>(generator)->get_state()); })
}

int32_t s3l_generator_set_state(void* generator, void* state) {
    S3L_GUARD({ static_cast<at::Generator*>(generator)->set_state(borrow(state)); })
}

int32_t s3l_cuda_device_count(int32_t* count) { S3L_GUARD({ *count = static_cast<int32_t>(torch::cuda::device_count()); }) }

int32_t s3l_cuda_synchronize(int32_t index) { S3L_GUARD({ torch::cuda::synchronize(index); }) }

int32_t s3l_cuda_memory(int32_t index, int64_t* allocated, int64_t* peak, int64_t* reserved, int64_t* free_bytes, int64_t* total) {
    S3L_GUARD({
        const s3l::CudaMemory memory = s3l::cuda_memory(c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(index)));
        *allocated = memory.allocated;
        *peak = memory.peak;
        *reserved = memory.reserved;
        *free_bytes = memory.free;
        *total = memory.total;
    })
}

int32_t s3l_cuda_reset_peak_memory(int32_t index) {
    S3L_GUARD({ s3l::reset_peak_cuda_memory(c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(index))); })
}

int32_t s3l_allow_tf32(uint8_t* matmul, uint8_t* cudnn) {
    S3L_GUARD({
        *matmul = at::globalContext().allowTF32CuBLAS();
        *cudnn = at::globalContext().allowTF32CuDNN();
    })
}

int32_t s3l_set_allow_tf32(uint8_t matmul, uint8_t cudnn) {
    S3L_GUARD({
        at::globalContext().setAllowTF32CuBLAS(matmul != 0);
        at::globalContext().setAllowTF32CuDNN(cudnn != 0);
    })
}

int32_t s3l_cudnn_benchmark(uint8_t* enabled) { S3L_GUARD({ *enabled = at::globalContext().benchmarkCuDNN(); }) }

int32_t s3l_set_cudnn_benchmark(uint8_t enabled) { S3L_GUARD({ at::globalContext().setBenchmarkCuDNN(enabled != 0); }) }

int32_t s3l_recording_create(int32_t type, int32_t index, void** recording) {
    S3L_GUARD({ *recording = s3l::make_recording(device(type, index)).release(); })
}

int32_t s3l_recording_enter(void* recording, uint8_t record) {
    S3L_GUARD({
        TORCH_CHECK(!s3l::is_recording(), "this thread's work is being recorded already");
        static_cast<s3l::Recording*>(recording)->enter(record != 0);
    })
}

int32_t s3l_recording_leave(void* recording, uint8_t keep) {
    S3L_GUARD({
        auto* what = static_cast<s3l::Recording*>(recording);
        if (keep) what->leave();
        else what->abandon();
    })
}

int32_t s3l_is_recording(uint8_t* value) { S3L_GUARD({ *value = s3l::is_recording(); }) }

int32_t s3l_recording_replay(void* recording) { S3L_GUARD({ static_cast<s3l::Recording*>(recording)->replay(); }) }

void s3l_recording_release(void* recording) { delete static_cast<s3l::Recording*>(recording); }

}  // extern "C"
