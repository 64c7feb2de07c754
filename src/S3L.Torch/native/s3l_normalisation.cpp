// relu(batch normalisation + shortcut): one pass over the maps for the statistics and one for the result, and as many backwards.
#include "s3l_gradients.h"
#include "s3l_normalisation.h"
#include "s3l_recording.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <cmath>

namespace {

using at::Tensor;
using s3l::data_of;
using s3l::two_sums;
using s3l::bfloat;
using s3l::narrow;
using s3l::widen;

// Sums of x − shift and of its square per channel, over rows of channels. Numbers are close to the shift, so that nothing cancels.
template <class T>
S3L_INLINE void sums_of(const T* x, int64_t rows, int64_t channels, const float* shift, float* sum, float* square) {
    int64_t row = 0;
    for (; row + 4 <= rows; row += 4, x += 4 * channels) {
        S3L_INDEPENDENT
        for (int64_t c = 0; c < channels; ++c) {
            const float s = shift[c];
            const float a = widen(x[c]) - s, b = widen(x[c + channels]) - s;
            const float d = widen(x[c + 2 * channels]) - s, e = widen(x[c + 3 * channels]) - s;
            sum[c] += (a + b) + (d + e);
            square[c] += (a * a + b * b) + (d * d + e * e);
        }
    }
    for (; row < rows; ++row, x += channels) {
        S3L_INDEPENDENT
        for (int64_t c = 0; c < channels; ++c) {
            const float a = widen(x[c]) - shift[c];
            sum[c] += a;
            square[c] += a * a;
        }
    }
}

template <class T>
S3L_INLINE void scale_rows(const T* x, const T* shortcut, T* y, int64_t rows, int64_t channels, const float* scale, const float* shift,
                           bool relu) {
    const float least = relu ? 0 : -INFINITY;
    if (shortcut) {
        for (int64_t row = 0; row < rows; ++row, x += channels, y += channels, shortcut += channels) {
            S3L_INDEPENDENT
            for (int64_t c = 0; c < channels; ++c) {
                const float value = widen(x[c]) * scale[c] + shift[c] + widen(shortcut[c]);
                narrow(value < least ? least : value, y[c]);
            }
        }
        return;
    }
    for (int64_t row = 0; row < rows; ++row, x += channels, y += channels) {
        S3L_INDEPENDENT
        for (int64_t c = 0; c < channels; ++c) {
            const float value = widen(x[c]) * scale[c] + shift[c];
            narrow(value < least ? least : value, y[c]);
        }
    }
}

// The gradient of y that passes the relu. Both are read always: a read on a condition would keep the loop from running in vectors.
template <bool relu, class T>
S3L_INLINE T passing(const T* dy, const T* y, int64_t c) {
    const T gradient = dy[c];
    const bool open = !relu || widen(y[c]) > 0;
    return open ? gradient : T(0);
}

// Sums of g and of g (x − mean), where g is the gradient that passes; g itself where the shortcut wants it.
template <bool relu, class T>
S3L_INLINE void gradient_sums(const T* dy, const T* y, const T* x, T* passed, int64_t rows, int64_t channels, const float* mean, float* sum,
                              float* product) {
    for (int64_t row = 0; row < rows; ++row, dy += channels, y += channels, x += channels) {
        S3L_INDEPENDENT
        for (int64_t c = 0; c < channels; ++c) {
            const float g = widen(passing<relu>(dy, y, c));
            sum[c] += g;
            product[c] += g * (widen(x[c]) - mean[c]);
        }
        if (!passed) continue;
        S3L_INDEPENDENT
        for (int64_t c = 0; c < channels; ++c) passed[c] = passing<relu>(dy, y, c);
        passed += channels;
    }
}

template <bool relu, class T>
S3L_INLINE void gradient_rows(const T* dy, const T* y, const T* x, T* dx, int64_t rows, int64_t channels, const float* of_gradient,
                              const float* of_input, const float* constant) {
    for (int64_t row = 0; row < rows; ++row, dy += channels, y += channels, x += channels, dx += channels) {
        S3L_INDEPENDENT
        for (int64_t c = 0; c < channels; ++c) {
            narrow(of_gradient[c] * widen(passing<relu>(dy, y, c)) + of_input[c] * widen(x[c]) + constant[c], dx[c]);
        }
    }
}

// Templates have no forms per instruction set, so each type has functions of its own.
#define S3L_LOOPS(T)                                                                                                                     \
    S3L_FOR_EACH_PROCESSOR void sums(const T* x, int64_t rows, int64_t channels, const float* shift, float* sum, float* square) {         \
        sums_of(x, rows, channels, shift, sum, square);                                                                                  \
    }                                                                                                                                    \
    S3L_FOR_EACH_PROCESSOR void normalised(const T* x, const T* shortcut, T* y, int64_t rows, int64_t channels, const float* scale,       \
                                           const float* shift, bool relu) {                                                              \
        scale_rows(x, shortcut, y, rows, channels, scale, shift, relu);                                                                  \
    }                                                                                                                                    \
    S3L_FOR_EACH_PROCESSOR void backward_sums(const T* dy, const T* y, const T* x, T* passed, int64_t rows, int64_t channels,             \
                                              const float* mean, bool relu, float* sum, float* product) {                                \
        if (relu) gradient_sums<true>(dy, y, x, passed, rows, channels, mean, sum, product);                                             \
        else gradient_sums<false>(dy, y, x, passed, rows, channels, mean, sum, product);                                                 \
    }                                                                                                                                    \
    S3L_FOR_EACH_PROCESSOR void backward_rows(const T* dy, const T* y, const T* x, T* dx, int64_t rows, int64_t channels,                 \
                                              const float* of_gradient, const float* of_input, const float* constant, bool relu) {       \
        if (relu) gradient_rows<true>(dy, y, x, dx, rows, channels, of_gradient, of_input, constant);                                    \
        else gradient_rows<false>(dy, y, x, dx, rows, channels, of_gradient, of_input, constant);                                        \
    }
S3L_LOOPS(float)
S3L_LOOPS(bfloat)
#undef S3L_LOOPS

template <class T>
s3l::Scaling statistics_of(const s3l::Normalisation& norm, const Tensor& x, double momentum, double eps) {
    const int64_t channels = x.size(1), rows = x.numel() / channels;
    const auto size = static_cast<size_t>(channels);
    const T* from = data_of<T>(x);
    s3l::Scaling scaling{std::vector<float>(size), std::vector<float>(size), at::empty_like(norm.weight), at::empty_like(norm.weight)};
    float *shift = scaling.shift.data(), *gathered_mean = data_of<float>(norm.running_mean), *gathered_var = data_of<float>(norm.running_var);
    for (int64_t c = 0; c < channels; ++c) shift[c] = widen(from[c]);
    std::vector<double> sum(size), square(size);
    two_sums(rows, channels, sum.data(), square.data(), [&](int64_t begin, int64_t end, float* first, float* second) {
        sums(from + begin * channels, end - begin, channels, shift, first, second);
    });

    for (int64_t c = 0; c < channels; ++c) {
        const auto i = static_cast<size_t>(c);
        const double offset = sum[i] / static_cast<double>(rows), center = shift[i] + offset;
        const double variance = std::max(square[i] / static_cast<double>(rows) - offset * offset, 0.0);
        const double over = 1 / std::sqrt(variance + eps);
        data_of<float>(scaling.mean)[c] = static_cast<float>(center);
        data_of<float>(scaling.inverse)[c] = static_cast<float>(over);
        const double unbiased = rows > 1 ? variance * static_cast<double>(rows) / static_cast<double>(rows - 1) : NAN;
        gathered_mean[c] = static_cast<float>((1 - momentum) * gathered_mean[c] + momentum * center);
        gathered_var[c] = static_cast<float>((1 - momentum) * gathered_var[c] + momentum * unbiased);
        const double factor = data_of<float>(norm.weight)[c] * over;
        scaling.scale[i] = static_cast<float>(factor);
        shift[c] = static_cast<float>(data_of<float>(norm.bias)[c] - center * factor);
    }
    return scaling;
}

template <class T>
void normalise(const Tensor& x, const Tensor& shortcut, const Tensor& y, const s3l::Scaling& scaling, bool relu) {
    const int64_t channels = x.size(1), rows = x.numel() / channels;
    const T *from = data_of<T>(x), *added = data_of<T>(shortcut);
    T* to = data_of<T>(y);
    s3l::over_rows(rows, channels, [&](int64_t begin, int64_t end) {
        normalised(from + begin * channels, added ? added + begin * channels : nullptr, to + begin * channels, end - begin, channels,
                   scaling.scale.data(), scaling.shift.data(), relu);
    });
}

template <class T>
void normalise_backward(const Tensor& dy, const Tensor& y, const Tensor& x, const Tensor& weight, const Tensor& mean, const Tensor& inverse,
                        const Tensor& dx, const Tensor& dshortcut, const Tensor& dweight, const Tensor& dbias, bool relu) {
    const int64_t channels = x.size(1), rows = x.numel() / channels;
    const T *upstream = data_of<T>(dy), *result = data_of<T>(y), *input = data_of<T>(x);
    T *passed = data_of<T>(dshortcut), *to = data_of<T>(dx);
    std::vector<double> sum(static_cast<size_t>(channels)), product(static_cast<size_t>(channels));
    two_sums(rows, channels, sum.data(), product.data(), [&](int64_t begin, int64_t end, float* first, float* second) {
        const int64_t at = begin * channels;
        backward_sums(upstream + at, result + at, input + at, passed ? passed + at : nullptr, end - begin, channels, data_of<float>(mean), relu,
                      first, second);
    });

    const s3l::Slopes slopes = s3l::slopes_of(sum, product, rows, weight, mean, inverse, dweight, dbias);
    s3l::over_rows(rows, channels, [&](int64_t begin, int64_t end) {
        const int64_t at = begin * channels;
        backward_rows(upstream + at, result + at, input + at, to + at, end - begin, channels, slopes.of_gradient.data(), slopes.of_input.data(),
                      slopes.constant.data(), relu);
    });
}

struct NormRelu : torch::autograd::Function<NormRelu> {
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& input, const Tensor& weight, const Tensor& bias,
                          const Tensor& running_mean, const Tensor& running_var, const c10::optional<Tensor>& shortcut, bool relu,
                          double momentum, double eps) {
        const Tensor added = shortcut ? shortcut->contiguous(*s3l::channels_innermost(input)) : Tensor();
        Tensor result = at::empty_like(input);
        const s3l::Scaling scaling = s3l::gather_statistics({weight, bias, running_mean, running_var}, input, momentum, eps);
        const auto compute = input.scalar_type() == at::kFloat ? normalise<float> : normalise<bfloat>;
        compute(input, added, result, scaling, relu);
        context->save_for_backward({input, weight, result, scaling.mean, scaling.inverse});
        context->saved_data["relu"] = relu;
        context->saved_data["shortcut"] = shortcut.has_value();
        return result;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const Tensor &input = saved[0], &weight = saved[1], &result = saved[2], &mean = saved[3], &inverse = saved[4];
        const bool relu = context->saved_data["relu"].toBool(), has_shortcut = context->saved_data["shortcut"].toBool();
        const Tensor upstream = gradients[0].to(input.scalar_type()).contiguous(*s3l::channels_innermost(input));
        Tensor dx = at::empty_like(input), dweight = at::empty_like(weight), dbias = at::empty_like(weight);
        // Without a relu the shortcut receives what comes.
        Tensor dshortcut = has_shortcut && relu ? at::empty_like(input) : Tensor();
        const auto compute = input.scalar_type() == at::kFloat ? normalise_backward<float> : normalise_backward<bfloat>;
        compute(upstream, result, input, weight, mean, inverse, dx, dshortcut, dweight, dbias, relu);
        if (has_shortcut && !relu) dshortcut = upstream;
        return s3l::differentiated_once({dx, dweight, dbias, Tensor(), Tensor(), dshortcut, Tensor(), Tensor(), Tensor()});
    }
};

Tensor batch_norm_relu(const Tensor& input, const Tensor& weight, const Tensor& bias, const Tensor& running_mean, const Tensor& running_var,
                       const c10::optional<Tensor>& shortcut, bool relu, double momentum, double eps) {
    const bool fits = s3l::suits_loops({weight, bias, running_mean, running_var}, input) &&
                      (!shortcut || (shortcut->sizes() == input.sizes() && shortcut->scalar_type() == input.scalar_type() && shortcut->is_cpu()));
    if (fits) return NormRelu::apply(input, weight, bias, running_mean, running_var, shortcut, relu, momentum, eps);
    Tensor result = at::batch_norm(input, weight, bias, running_mean, running_var, true, momentum, eps, true);
    if (shortcut) result = result + *shortcut;
    return relu ? result.relu() : result;
}

}  // namespace

namespace s3l {

c10::optional<at::MemoryFormat> channels_innermost(const Tensor& maps) {
    if (maps.dim() == 4 && maps.is_contiguous(at::MemoryFormat::ChannelsLast)) return at::MemoryFormat::ChannelsLast;
    if (maps.dim() == 5 && maps.is_contiguous(at::MemoryFormat::ChannelsLast3d)) return at::MemoryFormat::ChannelsLast3d;
    return c10::nullopt;
}

bool suits_loops(const Normalisation& norm, const Tensor& maps) {
    const auto is_vector = [&](const Tensor& tensor) {
        return tensor.is_cpu() && tensor.scalar_type() == at::kFloat && tensor.is_contiguous() && tensor.numel() == maps.size(1);
    };
    return !is_recording() && maps.is_cpu() && (maps.scalar_type() == at::kFloat || maps.scalar_type() == at::kBFloat16) && maps.dim() > 1 &&
           maps.numel() > maps.size(1) && channels_innermost(maps) && is_vector(norm.weight) && is_vector(norm.bias) &&
           is_vector(norm.running_mean) && is_vector(norm.running_var);
}

Scaling gather_statistics(const Normalisation& norm, const Tensor& maps, double momentum, double eps) {
    return maps.scalar_type() == at::kFloat ? statistics_of<float>(norm, maps, momentum, eps) : statistics_of<bfloat>(norm, maps, momentum, eps);
}

Slopes slopes_of(const std::vector<double>& sum, const std::vector<double>& product, int64_t rows, const Tensor& weight, const Tensor& mean,
                 const Tensor& inverse, const Tensor& dweight, const Tensor& dbias) {
    const size_t channels = sum.size();
    Slopes slopes{std::vector<float>(channels), std::vector<float>(channels), std::vector<float>(channels)};
    for (size_t c = 0; c < channels; ++c) {
        const double over = data_of<float>(inverse)[c], factor = data_of<float>(weight)[c] * over;
        data_of<float>(dbias)[c] = static_cast<float>(sum[c]);
        data_of<float>(dweight)[c] = static_cast<float>(product[c] * over);
        const double slope = -factor * over * over * product[c] / static_cast<double>(rows);
        slopes.of_gradient[c] = static_cast<float>(factor);
        slopes.of_input[c] = static_cast<float>(slope);
        slopes.constant[c] = static_cast<float>(-factor * sum[c] / static_cast<double>(rows) - slope * data_of<float>(mean)[c]);
    }
    return slopes;
}

}  // namespace s3l

TORCH_LIBRARY_FRAGMENT(s3l, library) {
    library.def("batch_norm_relu(Tensor input, Tensor weight, Tensor bias, Tensor running_mean, Tensor running_var, Tensor? shortcut, bool relu, "
                "float momentum, float eps) -> Tensor",
                batch_norm_relu);
}
