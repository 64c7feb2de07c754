// The whole native surface of S3L.Torch: one generic entry point into libtorch's dispatcher and a few functions
// for what is not an operator. Functions that can fail return a status and give their results through out parameters;
// none lets a C++ exception pass. Tensors cross as counted c10::TensorImpl pointers, owned by the receiver until s3l_tensor_release.
#pragma once

#include <stdint.h>

#if defined(_WIN32)
#define S3L_API __declspec(dllexport)
#else
#define S3L_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Raised whenever a signature or an enum below changes; NativeLibraryLoader.cs holds the same number.
#define S3L_ABI_VERSION 6

typedef enum {
    S3L_OK = 0,
    S3L_ERROR = 1,            // any other failure of libtorch: shapes, types, unsupported combinations
    S3L_OUT_OF_MEMORY = 2,
    S3L_INDEX_ERROR = 3,
    S3L_VALUE_ERROR = 4,
    S3L_TYPE_ERROR = 5,
    S3L_STATE_ERROR = 6,      // autograd refuses: no graph, graph already freed, changed in place
    S3L_NOT_IMPLEMENTED = 7,
    S3L_FOREIGN = 8           // an exception that is not libtorch's, also one that is not a std::exception
} s3l_status;

typedef enum {
    S3L_NONE = 0,
    S3L_TENSOR = 1,
    S3L_INT = 2,              // also ScalarType, Layout and MemoryFormat
    S3L_DOUBLE = 3,
    S3L_BOOL = 4,
    S3L_INT_LIST = 5,
    S3L_DOUBLE_LIST = 6,
    S3L_TENSOR_LIST = 7,
    S3L_STRING = 8,
    S3L_DEVICE = 9,           // type in the upper, index in the lower 32 bits
    S3L_GENERATOR = 10
} s3l_kind;

typedef struct {
    int32_t kind;
    int32_t length;           // of a list or a string
    union {
        int64_t integer;
        double real;
        void* pointer;
    } value;
} s3l_value;

typedef struct {
    int64_t elements;
    int32_t dtype;
    int32_t device_type;
    int32_t device_index;
    int32_t dimensions;
    uint8_t requires_grad;
    uint8_t is_leaf;
    uint8_t is_contiguous;
    uint8_t is_channels_last;
} s3l_tensor_facts;

S3L_API int32_t s3l_abi_version(void);
S3L_API const char* s3l_built_against(void);
S3L_API const char* s3l_runtime_config(void);
S3L_API const char* s3l_last_error(void);

// Operators. `results` has room for `capacity` values; a Tensor[] result comes as one S3L_TENSOR_LIST whose
// pointer is an array that the caller gives back with s3l_list_release after taking the tensors.
S3L_API int32_t s3l_operator_find(const char* name, const char* overload, void** op);
S3L_API int32_t s3l_operator_call(void* op, const s3l_value* arguments, int32_t count,
                                  s3l_value* results, int32_t capacity, int32_t* returned);
S3L_API void s3l_list_release(void* list);

// Tensors.
S3L_API void s3l_tensor_release(void* tensor);
S3L_API int32_t s3l_tensor_share(void* tensor, void** leaf);  // the same memory, without record and gradient
S3L_API int32_t s3l_tensor_describe(void* tensor, s3l_tensor_facts* facts);
S3L_API int32_t s3l_tensor_extents(void* tensor, int64_t* sizes, int64_t* strides);
S3L_API int32_t s3l_tensor_data(void* tensor, void** data);
S3L_API int32_t s3l_tensor_set_data(void* tensor, void* source);

// Autograd.
S3L_API int32_t s3l_set_requires_grad(void* tensor, uint8_t value);
S3L_API int32_t s3l_get_grad(void* tensor, void** grad);
S3L_API int32_t s3l_set_grad(void* tensor, void* grad);
S3L_API int32_t s3l_backward(void* tensor, void* gradient, uint8_t retain_graph, uint8_t create_graph);
S3L_API int32_t s3l_grad_mode(uint8_t* enabled);
S3L_API int32_t s3l_set_grad_mode(uint8_t enabled);

// Autocast. A negative dtype leaves the dtype of that device as it is.
S3L_API int32_t s3l_autocast_get(int32_t device_type, uint8_t* enabled, int32_t* dtype);
S3L_API int32_t s3l_autocast_set(int32_t device_type, uint8_t enabled, int32_t dtype);
S3L_API int32_t s3l_autocast_enter(void);
S3L_API int32_t s3l_autocast_exit(void);

// Threads, random numbers, CUDA, global switches.
S3L_API int32_t s3l_threads(int32_t* count);
S3L_API int32_t s3l_set_threads(int32_t count);
S3L_API int32_t s3l_parallel_for(int32_t count, void (*part)(void* state, int32_t begin, int32_t end), void* state);
S3L_API int32_t s3l_keep_freed_memory(uint8_t* kept);
S3L_API int32_t s3l_manual_seed(uint64_t seed);
S3L_API int32_t s3l_generator_create(int32_t device_type, int32_t device_index, uint64_t seed, void** generator);
S3L_API int32_t s3l_generator_default(int32_t device_type, int32_t device_index, void** generator);
S3L_API void s3l_generator_release(void* generator);
S3L_API int32_t s3l_generator_seed(void* generator, uint64_t seed);
S3L_API int32_t s3l_generator_state(void* generator, void** state);
S3L_API int32_t s3l_generator_set_state(void* generator, void* state);
S3L_API int32_t s3l_cuda_device_count(int32_t* count);
S3L_API int32_t s3l_cuda_synchronize(int32_t device_index);
S3L_API int32_t s3l_cuda_memory(int32_t device_index, int64_t* allocated, int64_t* peak, int64_t* reserved,
                                int64_t* free_bytes, int64_t* total);
S3L_API int32_t s3l_cuda_reset_peak_memory(int32_t device_index);
S3L_API int32_t s3l_allow_tf32(uint8_t* matmul, uint8_t* cudnn);
S3L_API int32_t s3l_set_allow_tf32(uint8_t matmul, uint8_t cudnn);
S3L_API int32_t s3l_cudnn_benchmark(uint8_t* enabled);
S3L_API int32_t s3l_set_cudnn_benchmark(uint8_t enabled);

// Work that is recorded once and done again as a whole. enter with record 0 does work as it will be done when it is recorded, without recording;
// leave ends either, with keep 0 after a failure.
S3L_API int32_t s3l_recording_create(int32_t device_type, int32_t device_index, void** recording);
S3L_API int32_t s3l_recording_enter(void* recording, uint8_t record);
S3L_API int32_t s3l_recording_leave(void* recording, uint8_t keep);
S3L_API int32_t s3l_is_recording(uint8_t* value);
S3L_API int32_t s3l_recording_replay(void* recording);
S3L_API void s3l_recording_release(void* recording);

// Throws on purpose, so that a test can prove that nothing passes the border: 0 std::runtime_error, 1 an int,
// 2 std::bad_alloc, 3 c10::IndexError, 4 c10::ValueError, 5 c10::TypeError, 6 c10::NotImplementedError.
S3L_API int32_t s3l_throw(int32_t what);

#ifdef __cplusplus
}
#endif
