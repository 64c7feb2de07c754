#include "s3l_torch.h"

#include "s3l_cuda.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/GradMode.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <dlfcn.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#define S3L_TORCH_AT_LEAST(major, minor) \
    (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

namespace {

thread_local std::string last_error;

int32_t fail(s3l_status status, const char* text) {
    try {
        last_error = text ? text : "";
    } catch (...) {
        last_error.clear();
    }
    return status;
}

// libtorch reports a failed CPU allocation and autograd's refusals as plain errors: only the text tells them apart.
s3l_status classify(const std::string& text) {
    const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
    if (has("can't allocate memory") || has("not enough memory") || has("out of memory")) return S3L_OUT_OF_MEMORY;
    if (has("does not require grad") || has("through the graph a second time") || has("modified by an inplace operation") ||
        has("leaf Variable that requires grad") || has("grad can be implicitly created only for scalar") ||
        has("leaf variable has been moved"))
        return S3L_STATE_ERROR;
    return S3L_ERROR;
}

// The only place where a C++ exception becomes a status.
#define S3L_GUARD(body)                                                                           \
    try {                                                                                         \
        body;                                                                                     \
        return S3L_OK;                                                                            \
    } catch (const c10::IndexError& e) { return fail(S3L_INDEX_ERROR, e.what_without_backtrace());          \
    } catch (const c10::ValueError& e) { return fail(S3L_VALUE_ERROR, e.what_without_backtrace());          \
    } catch (const c10::TypeError& e) { return fail(S3L_TYPE_ERROR, e.what_without_backtrace());            \
    } catch (const c10::NotImplementedError& e) { return fail(S3L_NOT_IMPLEMENTED, e.what_without_backtrace()); \
    } catch (const c10::OutOfMemoryError& e) { return fail(S3L_OUT_OF_MEMORY, e.what_without_backtrace());  \
    } catch (const c10::Error& e) { return fail(classify(e.what_without_backtrace()), e.what_without_backtrace()); \
    } catch (const std::bad_alloc& e) { return fail(S3L_OUT_OF_MEMORY, e.what());                           \
    } catch (const std::exception& e) { return fail(S3L_FOREIGN, e.what());                                 \
    } catch (...) { return fail(S3L_FOREIGN, "an exception that is not a std::exception"); }

using Implementation = c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;

// A counted copy of the caller's reference.
at::Tensor borrow(void* tensor) {
    if (!tensor) return {};
    return at::Tensor(Implementation::reclaim_copy(static_cast<c10::TensorImpl*>(tensor)));
}

void* give(at::Tensor tensor) {
    return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

c10::DeviceType device_type(int32_t type) { return static_cast<c10::DeviceType>(static_cast<int8_t>(type)); }

c10::Device device(int32_t type, int32_t index) {
    return c10::Device(device_type(type), static_cast<c10::DeviceIndex>(index));
}

c10::IValue to_ivalue(const s3l_value& argument) {
    const auto length = static_cast<size_t>(argument.length);
    switch (argument.kind) {
        case S3L_NONE: return {};
        case S3L_TENSOR: return borrow(argument.value.pointer);
        case S3L_INT: return argument.value.integer;
        case S3L_DOUBLE: return argument.value.real;
        case S3L_BOOL: return argument.value.integer != 0;
        case S3L_INT_LIST: {
            const auto* first = static_cast<const int64_t*>(argument.value.pointer);
            return c10::IValue(at::ArrayRef<int64_t>(first, length));
        }
        case S3L_DOUBLE_LIST: {
            const auto* first = static_cast<const double*>(argument.value.pointer);
            return c10::IValue(std::vector<double>(first, first + length));
        }
        case S3L_TENSOR_LIST: {
            auto* const* first = static_cast<void* const*>(argument.value.pointer);
            c10::List<at::Tensor> list;
            list.reserve(length);
            for (size_t i = 0; i < length; ++i) list.push_back(borrow(first[i]));
            return list;
        }
        case S3L_OPTIONAL_TENSOR_LIST: {
            auto* const* first = static_cast<void* const*>(argument.value.pointer);
            c10::List<c10::optional<at::Tensor>> list;
            list.reserve(length);
            for (size_t i = 0; i < length; ++i)
                list.push_back(first[i] ? c10::optional<at::Tensor>(borrow(first[i])) : c10::nullopt);
            return list;
        }
        case S3L_STRING: return std::string(static_cast<const char*>(argument.value.pointer), length);
        case S3L_DEVICE:
            return device(static_cast<int32_t>(argument.value.integer >> 32), static_cast<int32_t>(argument.value.integer));
        case S3L_GENERATOR: return c10::IValue(*static_cast<at::Generator*>(argument.value.pointer));
        default: TORCH_CHECK_VALUE(false, "unknown argument kind ", argument.kind);
    }
}

void from_ivalue(c10::IValue&& result, s3l_value& out) {
    out.length = 0;
    out.value.pointer = nullptr;
    if (result.isTensor()) {
        out.kind = S3L_TENSOR;
        out.value.pointer = give(std::move(result).toTensor());
    } else if (result.isInt()) {
        out.kind = S3L_INT;
        out.value.integer = result.toInt();
    } else if (result.isDouble()) {
        out.kind = S3L_DOUBLE;
        out.value.real = result.toDouble();
    } else if (result.isBool()) {
        out.kind = S3L_BOOL;
        out.value.integer = result.toBool();
    } else if (result.isTensorList()) {
        const auto tensors = result.toTensorVector();
        auto* list = new void*[tensors.size()];
        for (size_t i = 0; i < tensors.size(); ++i) list[i] = give(tensors[i]);
        out.kind = S3L_TENSOR_LIST;
        out.length = static_cast<int32_t>(tensors.size());
        out.value.pointer = list;
    } else {
        TORCH_CHECK_TYPE(result.isNone(), "results of type ", result.tagKind(), " are not supported");
        out.kind = S3L_NONE;
    }
}

#if !S3L_TORCH_AT_LEAST(2, 4)
bool on_cpu(int32_t type) { return device_type(type) == c10::DeviceType::CPU; }
#endif

}  // namespace

extern "C" {

int32_t s3l_abi_version(void) { return S3L_ABI_VERSION; }

const char* s3l_built_against(void) { return TORCH_VERSION; }

const char* s3l_runtime_config(void) {
    static const std::string text = at::show_config();
    return text.c_str();
}

const char* s3l_last_error(void) { return last_error.c_str(); }

int32_t s3l_operator_find(const char* name, const char* overload, void** op) {
    S3L_GUARD({
        // Never freed: operators live as long as the process.
        *op = new c10::OperatorHandle(c10::Dispatcher::singleton().findSchemaOrThrow(name, overload));
    })
}

int32_t s3l_operator_call(void* op, const s3l_value* arguments, int32_t count,
                          s3l_value* results, int32_t capacity, int32_t* returned) {
    S3L_GUARD({
        torch::jit::Stack stack;
        stack.reserve(static_cast<size_t>(count) + 2);
        for (int32_t i = 0; i < count; ++i) stack.push_back(to_ivalue(arguments[i]));
        static_cast<c10::OperatorHandle*>(op)->callBoxed(stack);
        TORCH_CHECK(stack.size() <= static_cast<size_t>(capacity), "more results than expected: ", stack.size());
        *returned = static_cast<int32_t>(stack.size());
        for (size_t i = 0; i < stack.size(); ++i) from_ivalue(std::move(stack[i]), results[i]);
    })
}

void s3l_list_release(void* list) { delete[] static_cast<void**>(list); }

void s3l_tensor_release(void* tensor) {
    if (tensor) Implementation::reclaim(static_cast<c10::TensorImpl*>(tensor));
}

int32_t s3l_tensor_share(void* tensor, void** leaf) {
    S3L_GUARD({
        at::Tensor made = borrow(tensor).detach();
        // As PyTorch's Parameter: what is detached otherwise keeps its sizes and storage for good.
        made.unsafeGetTensorImpl()->set_allow_tensor_metadata_change(true);
        *leaf = give(std::move(made));
    })
}

int32_t s3l_tensor_describe(void* tensor, s3l_tensor_facts* facts) {
    S3L_GUARD({
        const at::Tensor t = borrow(tensor);
        facts->elements = t.numel();
        facts->dtype = static_cast<int32_t>(t.scalar_type());
        facts->device_type = static_cast<int32_t>(t.device().type());
        facts->device_index = t.device().index();
        facts->dimensions = static_cast<int32_t>(t.dim());
        facts->requires_grad = t.requires_grad();
        facts->is_leaf = t.is_leaf();
        facts->is_contiguous = t.is_contiguous();
        facts->is_channels_last = t.is_contiguous(at::MemoryFormat::ChannelsLast);
    })
}

int32_t s3l_tensor_extents(void* tensor, int64_t* sizes, int64_t* strides) {
    S3L_GUARD({
        const at::Tensor t = borrow(tensor);
        if (sizes) std::copy(t.sizes().begin(), t.sizes().end(), sizes);
        if (strides) std::copy(t.strides().begin(), t.strides().end(), strides);
    })
}

int32_t s3l_tensor_data(void* tensor, void** data) {
    S3L_GUARD({
        TORCH_CHECK(!s3l::is_recording(), "numbers cannot be recorded that the host reads or writes");
        *data = borrow(tensor).data_ptr();
    })
}

int32_t s3l_tensor_set_data(void* tensor, void* source) { S3L_GUARD({ borrow(tensor).set_data(borrow(source)); }) }

int32_t s3l_set_requires_grad(void* tensor, uint8_t value) { S3L_GUARD({ borrow(tensor).set_requires_grad(value != 0); }) }

int32_t s3l_get_grad(void* tensor, void** grad) { S3L_GUARD({ *grad = give(borrow(tensor).grad()); }) }

int32_t s3l_set_grad(void* tensor, void* grad) { S3L_GUARD({ borrow(tensor).mutable_grad() = borrow(grad); }) }

int32_t s3l_backward(void* tensor, void* gradient, uint8_t retain_graph, uint8_t create_graph) {
    S3L_GUARD({ borrow(tensor).backward(borrow(gradient), retain_graph != 0, create_graph != 0); })
}

int32_t s3l_grad_mode(uint8_t* enabled) { S3L_GUARD({ *enabled = c10::GradMode::is_enabled(); }) }

int32_t s3l_set_grad_mode(uint8_t enabled) { S3L_GUARD({ c10::GradMode::set_enabled(enabled != 0); }) }

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
        const bool done = mallopt(M_MMAP_THRESHOLD, 1 << 30) && mallopt(M_TRIM_THRESHOLD, 0x7fffffff) && mallopt(M_TOP_PAD, 64 << 20);
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

int32_t s3l_throw(int32_t what) {
    S3L_GUARD({
        if (what == 0) throw std::runtime_error("thrown on purpose");
        if (what == 1) throw 1;
        if (what == 2) throw std::bad_alloc();
        TORCH_CHECK_INDEX(what != 3, "thrown on purpose");
        TORCH_CHECK_VALUE(what != 4, "thrown on purpose");
        TORCH_CHECK_TYPE(what != 5, "thrown on purpose");
        TORCH_CHECK_NOT_IMPLEMENTED(what != 6, "thrown on purpose");
    })
}

}  // extern "C"
