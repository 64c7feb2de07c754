// Descent with momentum and moving averages: one pass over all weights.
#include "s3l_loops.h"
#include "s3l_recording.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <vector>

namespace {

using at::Tensor;
using s3l::kGrain;

struct Segment {
    float* weight;
    const float* gradient;
    float* momentum;
    int64_t begin;  // of this segment among all numbers
    int64_t length;
};

S3L_FOR_EACH_PROCESSOR
void descend(float* weight, const float* gradient, float* velocity, int64_t count, float rate, float momentum, float decay, bool nesterov) {
    const float along = nesterov ? rate * momentum : rate;
    const float ahead = nesterov ? rate : 0;
    S3L_INDEPENDENT
    for (int64_t i = 0; i < count; ++i) {
        const float direction = gradient[i] + decay * weight[i];
        velocity[i] = momentum * velocity[i] + direction;
        weight[i] -= along * velocity[i] + ahead * direction;
    }
}

S3L_FOR_EACH_PROCESSOR
void average(float* target, const float* source, int64_t count, float keep, float take) {
    S3L_INDEPENDENT
    for (int64_t i = 0; i < count; ++i) target[i] = keep * target[i] + take * source[i];
}

// Whether the numbers of two tensors lie in the same order in memory without gaps.
bool alike(const Tensor& a, const Tensor& b) {
    return a.is_cpu() && b.is_cpu() && a.scalar_type() == at::kFloat && b.scalar_type() == at::kFloat && a.sizes() == b.sizes() &&
           a.strides() == b.strides() && a.is_non_overlapping_and_dense();
}

template <class Work>
void over_segments(const std::vector<Segment>& segments, const Work& work) {
    const int64_t total = segments.empty() ? 0 : segments.back().begin + segments.back().length;
    at::parallel_for(0, total, kGrain, [&](int64_t begin, int64_t end) {
        auto at = std::upper_bound(segments.begin(), segments.end(), begin, [](int64_t v, const Segment& s) { return v < s.begin; }) - 1;
        for (; at != segments.end() && at->begin < end; ++at) {
            const int64_t from = std::max(begin - at->begin, int64_t{0});
            const int64_t to = std::min(end - at->begin, at->length);
            work(*at, from, to - from);
        }
    });
}

bool descend_(at::TensorList weights, at::TensorList gradients, at::TensorList momenta, double rate, double momentum, double decay,
              bool nesterov) {
    if (s3l::is_recording()) return false;
    std::vector<Segment> segments;
    segments.reserve(weights.size());
    int64_t total = 0;
    std::vector<Tensor> directions(gradients.begin(), gradients.end());
    for (size_t i = 0; i < weights.size(); ++i) {
        // A gradient may be a transposed product, or in the layout of another step.
        if (directions[i].sizes() == weights[i].sizes() && directions[i].strides() != weights[i].strides())
            directions[i] = at::empty_like(weights[i], directions[i].options()).copy_(directions[i]);
        if (!alike(weights[i], directions[i]) || !alike(weights[i], momenta[i])) return false;
        segments.push_back({weights[i].data_ptr<float>(), directions[i].data_ptr<float>(), momenta[i].data_ptr<float>(), total, weights[i].numel()});
        total += weights[i].numel();
    }
    over_segments(segments, [&](const Segment& s, int64_t from, int64_t count) {
        descend(s.weight + from, s.gradient + from, s.momentum + from, count, static_cast<float>(rate), static_cast<float>(momentum),
                static_cast<float>(decay), nesterov);
    });
    return true;
}

bool average_(at::TensorList targets, at::TensorList sources, double keep) {
    if (s3l::is_recording()) return false;
    std::vector<Segment> segments;
    segments.reserve(targets.size());
    int64_t total = 0;
    for (size_t i = 0; i < targets.size(); ++i) {
        if (!alike(targets[i], sources[i])) return false;
        segments.push_back({targets[i].data_ptr<float>(), sources[i].data_ptr<float>(), nullptr, total, targets[i].numel()});
        total += targets[i].numel();
    }
    over_segments(segments, [&](const Segment& s, int64_t from, int64_t count) {
        average(s.weight + from, s.gradient + from, count, static_cast<float>(keep), static_cast<float>(1 - keep));
    });
    return true;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(s3l, library) {
    library.def("descend_(Tensor[] weights, Tensor[] gradients, Tensor[] momenta, float rate, float momentum, float decay, bool nesterov) -> bool",
                descend_);
    library.def("average_(Tensor[] targets, Tensor[] sources, float keep) -> bool", average_);
}
