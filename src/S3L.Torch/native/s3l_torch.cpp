#include "s3l_border.h"
#include "s3l_recording.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/GradMode.h>
#include <torch/version.h>

#include <string>
#include <vector>

namespace {

thread_local std::string last_error;

using s3l::borrow;
using s3l::device;
using s3l::give;
using s3l::Implementation;

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

}  // namespace

namespace s3l {

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

}  // namespace s3l

extern "C" {

int32_t s3l_abi_version(void) { return S3L_ABI_VERSION; }

const char* s3l_built_against(void) { return TORCH_VERSION; }

const char* s3l_runtime_config(void) {
    try {
        static const std::string text = at::show_config();
        return text.c_str();
    } catch (...) {
        return "";
    }
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
        const auto& handle = *static_cast<c10::OperatorHandle*>(op);
        const auto& parameters = handle.schema().arguments();
        torch::jit::Stack stack;
        stack.reserve(parameters.size() + 2);
        for (int32_t i = 0; i < count; ++i) stack.push_back(to_ivalue(arguments[i]));
        // Later versions of libtorch add parameters at the end, which boxed calls do not fill in.
        for (size_t i = stack.size(); i < parameters.size(); ++i) {
            TORCH_CHECK(parameters[i].default_value().has_value(), handle.schema(), " needs ", parameters[i].name());
            stack.push_back(*parameters[i].default_value());
        }
        TORCH_CHECK(stack.size() == parameters.size(), handle.schema(), " was called with ", stack.size(), " arguments");
        handle.callBoxed(stack);
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
