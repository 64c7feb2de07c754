// Updates of weights and moving averages: one pass over all of them.
#include "s3l_loops.h"
#include "s3l_recording.h"
#include "s3l_version.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace {

using at::Tensor;
using s3l::kGrain;

// One tensor's numbers: what is changed, what changes it, and what is remembered.
struct Segment {
    float* weight;
    const float* gradient;
    float* first;
    float* second;
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
void adapt(float* weight, const float* gradient, float* mean, float* square, int64_t count, float rate, float epsilon, float beta1, float take1,
           float beta2, float take2, float kept) {
    S3L_INDEPENDENT
    for (int64_t i = 0; i < count; ++i) {
        mean[i] = beta1 * mean[i] + take1 * gradient[i];
        square[i] = beta2 * square[i] + take2 * gradient[i] * gradient[i];
        weight[i] = kept * weight[i] - rate * mean[i] / (std::sqrt(square[i]) + epsilon);
    }
}

S3L_FOR_EACH_PROCESSOR
void adapt_layer(float* weight, const float* gradient, float* velocity, int64_t count, float rate, float momentum, float decay) {
    S3L_INDEPENDENT
    for (int64_t i = 0; i < count; ++i) {
        velocity[i] = momentum * velocity[i] + rate * (gradient[i] + decay * weight[i]);
        weight[i] -= velocity[i];
    }
}

// Few enough for sums in float, one for each of so many lanes.
constexpr int64_t kSquaresAtOnce = 4096, kSquareLanes = 16;

S3L_FOR_EACH_PROCESSOR
double squares(const float* from, int64_t count) {
    float lanes[kSquareLanes] = {};
    int64_t i = 0;
    for (; i + kSquareLanes <= count; i += kSquareLanes) {
        for (int64_t lane = 0; lane < kSquareLanes; ++lane) lanes[lane] += from[i + lane] * from[i + lane];
    }
    double sum = 0;
    for (const float lane : lanes) sum += lane;
    for (; i < count; ++i) sum += from[i] * from[i];
    return sum;
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

// The tensors of an update as segments; none where any is not in main memory, in float32, without gaps.
class Segments {
  public:
    Segments(at::TensorList weights, at::TensorList gradients, at::TensorList first, at::TensorList second = {}) {
        fits_ = !s3l::is_recording();
        for (size_t i = 0; fits_ && i < weights.size(); ++i) {
            Tensor gradient = gradients[i].detach();
            // A gradient may be a transposed product, or in the layout of another step.
            if (gradient.is_cpu() && gradient.sizes() == weights[i].sizes() && gradient.strides() != weights[i].strides()) {
                gradient = at::empty_like(weights[i], gradient.options()).copy_(gradient);
            }
            fits_ = alike(weights[i], gradient) && (first.empty() || alike(weights[i], first[i])) && (second.empty() || alike(weights[i], second[i]));
            if (!fits_) return;
            const int64_t begin = all_.empty() ? 0 : all_.back().begin + all_.back().length;
            all_.push_back({weights[i].data_ptr<float>(), gradient.data_ptr<float>(), first.empty() ? nullptr : first[i].data_ptr<float>(),
                            second.empty() ? nullptr : second[i].data_ptr<float>(), begin, weights[i].numel()});
            kept_.push_back(std::move(gradient));
        }
    }

    bool fit() const { return fits_; }

    // Tells autograd of what was written behind its back: it refuses gradients from what another pass still needs as it was.
    static void changed(std::initializer_list<at::TensorList> lists) {
        for (const at::TensorList list : lists) {
            for (const Tensor& tensor : list) {
                if (!tensor.is_inference()) tensor.unsafeGetTensorImpl()->bump_version();
            }
        }
    }

    // work(segment, its number, from, count) over parts of all numbers.
    template <class Work>
    void over(const Work& work) const {
        const int64_t total = all_.empty() ? 0 : all_.back().begin + all_.back().length;
        at::parallel_for(0, total, kGrain, [&](int64_t begin, int64_t end) {
            auto at = std::upper_bound(all_.begin(), all_.end(), begin, [](int64_t v, const Segment& s) { return v < s.begin; }) - 1;
            for (; at != all_.end() && at->begin < end; ++at) {
                const int64_t from = std::max(begin - at->begin, int64_t{0});
                const int64_t to = std::min(end - at->begin, at->length);
                work(*at, static_cast<size_t>(at - all_.begin()), from, to - from);
            }
        });
    }

    // κ ‖w‖ / (‖g‖ + λ ‖w‖) of each segment; 1 where a norm is 0. Sums are in parts that depend on nothing but the lengths.
    std::vector<double> ratios(double trust, double decay) const {
        std::vector<double> result;
        result.reserve(all_.size());
        for (const Segment& segment : all_) {
            const double weight = norm(segment.weight, segment.length), gradient = norm(segment.gradient, segment.length);
            result.push_back(weight > 0 && gradient > 0 ? trust * weight / (gradient + decay * weight) : 1);
        }
        return result;
    }

  private:
    static double norm(const float* from, int64_t length) {
        const int64_t parts = s3l::parts_of(length, kSquaresAtOnce);
        std::vector<double> sums(static_cast<size_t>(parts));
        at::parallel_for(0, parts, kGrain / kSquaresAtOnce, [&](int64_t begin, int64_t end) {
            for (int64_t part = begin; part < end; ++part) {
                const int64_t at = part * kSquaresAtOnce;
                sums[static_cast<size_t>(part)] = squares(from + at, std::min(kSquaresAtOnce, length - at));
            }
        });
        double sum = 0;
        for (const double part : sums) sum += part;
        return std::sqrt(sum);
    }

    bool fits_;
    std::vector<Segment> all_;
    std::vector<Tensor> kept_;
};

bool descend_(at::TensorList weights, at::TensorList gradients, at::TensorList momenta, const Tensor& rate, double momentum, double decay,
              bool nesterov) {
    const Segments segments(weights, gradients, momenta);
    if (!segments.fit()) return false;
    const auto along = static_cast<float>(rate.item<double>());
    segments.over([&](const Segment& s, size_t, int64_t from, int64_t count) {
        descend(s.weight + from, s.gradient + from, s.first + from, count, along, static_cast<float>(momentum), static_cast<float>(decay),
                nesterov);
    });
    Segments::changed({weights, momenta});
    return true;
}

// η m̂ / (√ŝ + ε) is rate m / (√s + epsilon), with both corrections of a parameter's running means in these two.
struct Correction {
    float rate, epsilon;

    Correction(double steps, double rate, double beta1, double beta2, double epsilon) {
        const double root = std::sqrt(1 - std::pow(beta2, steps));
        this->rate = static_cast<float>(rate * root / (1 - std::pow(beta1, steps)));
        this->epsilon = static_cast<float>(epsilon * root);
    }
};

bool adapt_(at::TensorList weights, at::TensorList gradients, at::TensorList means, at::TensorList squared, at::TensorList steps,
            const Tensor& rate, double beta1, double beta2, double epsilon, double decay) {
    const Segments segments(weights, gradients, means, squared);
    if (!segments.fit()) return false;
    const auto along = rate.item<double>();
    std::vector<Correction> corrections;
    corrections.reserve(steps.size());
    for (const Tensor& count : steps) corrections.emplace_back(count.item<double>(), along, beta1, beta2, epsilon);
    const auto kept = static_cast<float>(1 - along * decay);
    segments.over([&](const Segment& s, size_t i, int64_t from, int64_t count) {
        adapt(s.weight + from, s.gradient + from, s.first + from, s.second + from, count, corrections[i].rate, corrections[i].epsilon,
              static_cast<float>(beta1), static_cast<float>(1 - beta1), static_cast<float>(beta2), static_cast<float>(1 - beta2), kept);
    });
    Segments::changed({weights, means, squared});
    return true;
}

bool adapt_layers_(at::TensorList weights, at::TensorList gradients, at::TensorList momenta, const Tensor& rate, double momentum, double decay,
                   c10::optional<double> trust) {
    const Segments segments(weights, gradients, momenta);
    if (!segments.fit()) return false;
    const auto along = rate.item<double>();
    const std::vector<double> ratios = trust ? segments.ratios(*trust, decay) : std::vector<double>(weights.size(), 1);
    segments.over([&](const Segment& s, size_t i, int64_t from, int64_t count) {
        adapt_layer(s.weight + from, s.gradient + from, s.first + from, count, static_cast<float>(along * ratios[i]), static_cast<float>(momentum),
                    static_cast<float>(decay));
    });
    Segments::changed({weights, momenta});
    return true;
}

bool average_(at::TensorList targets, at::TensorList sources, const Tensor& keep) {
    const Segments segments(targets, sources, {});
    if (!segments.fit()) return false;
    const auto share = keep.item<double>();
    segments.over([&](const Segment& s, size_t, int64_t from, int64_t count) {
        average(s.weight + from, s.gradient + from, count, static_cast<float>(share), static_cast<float>(1 - share));
    });
    Segments::changed({targets});
    return true;
}

// Times a number that may lie on the device: nothing waits for it, and a recording finds its next value there.
void scale_(at::TensorList tensors, const Tensor& factor) {
#if S3L_TORCH_AT_LEAST(2, 1)
    if (!tensors.empty()) at::_foreach_mul_(tensors, factor.to(tensors[0].options()));
#else
    for (const Tensor& tensor : tensors) tensor.mul_(factor);
#endif
}

std::vector<Tensor> scaled(at::TensorList tensors, const Tensor& factor) {
#if S3L_TORCH_AT_LEAST(2, 1)
    return tensors.empty() ? std::vector<Tensor>() : at::_foreach_mul(tensors, factor.to(tensors[0].options()));
#else
    std::vector<Tensor> results;
    for (const Tensor& tensor : tensors) results.push_back(tensor.mul(factor));
    return results;
#endif
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(s3l, library) {
    library.def("descend_(Tensor[] weights, Tensor[] gradients, Tensor[] momenta, Tensor rate, float momentum, float decay, bool nesterov) -> bool",
                descend_);
    library.def("adapt_(Tensor[] weights, Tensor[] gradients, Tensor[] means, Tensor[] squares, Tensor[] steps, Tensor rate, float beta1, "
                "float beta2, float epsilon, float decay) -> bool",
                adapt_);
    library.def("adapt_layers_(Tensor[] weights, Tensor[] gradients, Tensor[] momenta, Tensor rate, float momentum, float decay, float? trust) -> "
                "bool",
                adapt_layers_);
    library.def("average_(Tensor[] targets, Tensor[] sources, Tensor keep) -> bool", average_);
    library.def("scale_(Tensor[] tensors, Tensor factor) -> ()", scale_);
    library.def("scaled(Tensor[] tensors, Tensor factor) -> Tensor[]", scaled);
}
