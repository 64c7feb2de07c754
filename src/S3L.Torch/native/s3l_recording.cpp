#include "s3l_recording.h"

#include "s3l_cuda.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/library.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

namespace {

using torch::jit::Stack;

// Operators pass a thread's chosen key before autograd and autocast. Nothing else uses this one.
constexpr auto kKey = c10::DispatchKey::TESTING_ONLY_GenericMode;

struct Call {
    c10::OperatorHandle op;
    Stack arguments;
    Stack results;
};

thread_local std::vector<Call>* tape = nullptr;
std::atomic<int> tapes{0};
thread_local bool recording = false;
thread_local bool is_within_kernel = false;

class WithinKernel {
   public:
    explicit WithinKernel(bool value) { is_within_kernel = value; }
    ~WithinKernel() { is_within_kernel = false; }
};

template <class Work>
void for_each_tensor(const Stack& values, const Work& work) {
    for (const c10::IValue& value : values) {
        if (value.isTensor()) {
            work(value.toTensor());
        } else if (value.isTensorList()) {
            for (const at::Tensor& tensor : value.toTensorVector()) work(tensor);
        }
    }
}

// A CUDA graph that meets one of these breaks, and leaves libtorch's random numbers and memory unusable.
void refuse_waiting(const c10::OperatorHandle& op, const Stack& arguments) {
    static const char* const waiting[] = {"aten::_local_scalar_dense", "aten::equal", "aten::nonzero", "aten::masked_select", "aten::_unique2"};
    const std::string& name = op.schema().name();
    const bool waits = std::any_of(std::begin(waiting), std::end(waiting), [&](const char* other) { return name == other; });
    TORCH_CHECK(!waits, name, " cannot be recorded: the host would wait for its result");
    bool crosses = false;
    if (name == "aten::copy_") {
        crosses = arguments[0].toTensor().device().type() != arguments[1].toTensor().device().type();
    } else if (name == "aten::_to_copy") {
        const auto device = arguments[3].toOptional<c10::Device>();
        crosses = device && device->type() != arguments[0].toTensor().device().type();
    }
    TORCH_CHECK(!crosses, name, " cannot be recorded: numbers would be copied from the host, or to it");
}

// Whether this call is to be recorded, and not rather the calls that it makes, or the call that made it. What autograd keeps for the backward
// pass are results of operators that it has a kernel for, so these are the ones that a record needs.
bool is_a_step_of_its_own(const c10::OperatorHandle& op, c10::DispatchKeySet keys) {
    if (is_within_kernel || c10::impl::tls_is_dispatch_key_excluded(c10::DispatchKey::AutogradOther)) return false;
    if (op.hasKernelForDispatchKey(c10::DispatchKey::CompositeImplicitAutograd)) return false;
    const auto casts = [&](c10::DispatchKey key) { return keys.has(key) && op.hasKernelForDispatchKey(key); };
    return !casts(c10::DispatchKey::AutocastCPU) && !casts(c10::DispatchKey::AutocastCUDA);
}

void remember(const c10::OperatorHandle& op, c10::DispatchKeySet keys, Stack* stack) {
    // Autograd has threads of its own, but not for a CPU.
    TORCH_CHECK(tape || tapes == 0, op.schema().name(), " cannot be recorded on a thread other than the one that began the recording");
    const auto below = keys & c10::DispatchKeySet(c10::DispatchKeySet::FULL_AFTER, kKey);
    if (!is_a_step_of_its_own(op, keys)) return op.redispatchBoxed(below, stack);
    Stack arguments(stack->end() - static_cast<std::ptrdiff_t>(op.schema().arguments().size()), stack->end());
    refuse_waiting(op, arguments);
    {
        // Autograd's own kernels exclude autograd when they enter the device's. Operators without tensors among their arguments skip them.
        const bool passes_autograd = keys.has_any(c10::autograd_dispatch_keyset) && op.hasKernelForDispatchKey(c10::DispatchKey::Autograd);
        const WithinKernel kernel(!passes_autograd);
        op.redispatchBoxed(below, stack);
    }
    if (!tape) return;
    Stack results(stack->end() - static_cast<std::ptrdiff_t>(op.schema().returns().size()), stack->end());
    tape->push_back({op, std::move(arguments), std::move(results)});
}

// The operators of the recorded work with the tensors that they had then. All of these are kept, so no memory is used twice.
class Tape : public s3l::Recording {
   public:
    void enter(bool record) override {
        if (!record) return;
        calls_.clear();
        tape = &calls_;
        ++tapes;
        s3l::set_recording(true);
    }

    void leave() override { stop(); }

    void abandon() override {
        stop();
        calls_.clear();
    }

    void replay() override {
        at::AutoDispatchBelowADInplaceOrView numbers_only;
        // Casts were recorded as operators of their own.
        const c10::impl::ExcludeDispatchKeyGuard no_casts(c10::autocast_dispatch_keyset);
        for (const Call& call : calls_) {
            Stack stack = call.arguments;
            call.op.callBoxed(stack);
            put(call, stack);
        }
    }

   private:
    static void stop() {
        s3l::set_recording(false);
        if (tape) --tapes;
        tape = nullptr;
    }

    // New results take the place of the recorded ones. Those that are memory of the arguments are there already.
    static void put(const Call& call, const Stack& results) {
        std::vector<at::Tensor> targets;
        for_each_tensor(call.results, [&](const at::Tensor& tensor) { targets.push_back(tensor); });
        size_t next = 0;
        for_each_tensor(results, [&](const at::Tensor& result) {
            at::Tensor& target = targets[next++];
            if (!result.defined()) return;
            bool is_argument = false;
            for_each_tensor(call.arguments, [&](const at::Tensor& argument) {
                is_argument |= argument.defined() && argument.has_storage() && result.is_alias_of(argument);
            });
            if (!is_argument) target.copy_(result);
        });
    }

    std::vector<Call> calls_;
};

}  // namespace

TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericMode, library) {
    library.fallback(torch::CppFunction::makeFromBoxedFunction<&remember>());
}

namespace s3l {

bool is_recording() { return recording; }

void set_recording(bool value) {
    recording = value;
    c10::impl::tls_set_dispatch_key_included(kKey, value);
}

std::unique_ptr<Recording> make_recording(c10::Device device) {
    if (device.is_cpu()) return std::make_unique<Tape>();
    TORCH_CHECK_NOT_IMPLEMENTED(device.is_cuda(), "work on ", device, " cannot be recorded");
    return make_cuda_recording(device);
}

}  // namespace s3l
