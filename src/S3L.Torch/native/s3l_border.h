// What the functions of s3l_torch.h share: how errors, tensors and devices pass the border between C# and libtorch.
#pragma once

#include "s3l_torch.h"

#include <ATen/ATen.h>

#include <exception>
#include <new>
#include <string>

namespace s3l {

// Keeps the text for s3l_last_error, and gives the status back.
int32_t fail(s3l_status status, const char* text);

s3l_status classify(const std::string& text);

using Implementation = c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;

// A counted copy of the caller's reference.
inline at::Tensor borrow(void* tensor) {
    if (!tensor) return {};
    return at::Tensor(Implementation::reclaim_copy(static_cast<c10::TensorImpl*>(tensor)));
}

inline void* give(at::Tensor tensor) {
    return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

inline c10::DeviceType device_type(int32_t type) { return static_cast<c10::DeviceType>(static_cast<int8_t>(type)); }

inline c10::Device device(int32_t type, int32_t index) {
    return c10::Device(device_type(type), static_cast<c10::DeviceIndex>(index));
}

}  // namespace s3l

// The only place where a C++ exception becomes a status.
#define S3L_GUARD(body)                                                                                                           \
    try {                                                                                                                         \
        body;                                                                                                                     \
        return S3L_OK;                                                                                                            \
    } catch (const c10::IndexError& e) { return s3l::fail(S3L_INDEX_ERROR, e.what_without_backtrace());                           \
    } catch (const c10::ValueError& e) { return s3l::fail(S3L_VALUE_ERROR, e.what_without_backtrace());                           \
    } catch (const c10::TypeError& e) { return s3l::fail(S3L_TYPE_ERROR, e.what_without_backtrace());                             \
    } catch (const c10::NotImplementedError& e) { return s3l::fail(S3L_NOT_IMPLEMENTED, e.what_without_backtrace());              \
    } catch (const c10::OutOfMemoryError& e) { return s3l::fail(S3L_OUT_OF_MEMORY, e.what_without_backtrace());                   \
    } catch (const c10::Error& e) { return s3l::fail(s3l::classify(e.what_without_backtrace()), e.what_without_backtrace());      \
    } catch (const std::bad_alloc& e) { return s3l::fail(S3L_OUT_OF_MEMORY, e.what());                                            \
    } catch (const std::exception& e) { return s3l::fail(S3L_FOREIGN, e.what());                                                  \
    } catch (...) { return s3l::fail(S3L_FOREIGN, "an exception that is not a std::exception"); }
