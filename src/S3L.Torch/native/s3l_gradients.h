// Gradients that have no graph of their own.
#pragma once

#include <torch/csrc/autograd/functions/basic_ops.h>
#include <torch/csrc/autograd/variable.h>

namespace s3l {

// What a backward pass returns whose loops autograd does not see: where second derivatives are asked for (create_graph) they are refused when
// they are computed, and not left out without a word.
inline torch::autograd::variable_list differentiated_once(torch::autograd::variable_list gradients) {
    if (!at::GradMode::is_enabled()) return gradients;
    for (at::Tensor& gradient : gradients) {
        if (gradient.defined()) gradient = gradient.detach().set_requires_grad(true);
    }
    const auto refuse = std::make_shared<torch::autograd::DelayedError>("a loop of S3L.Torch has no second derivative",
                                                                       static_cast<int64_t>(gradients.size()));
    return (*refuse)(std::move(gradients));
}

}  // namespace s3l
