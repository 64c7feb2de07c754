// relu(batch normalisation + shortcut): one pass over the maps for the statistics and one for the result, and as many backwards.
#include "s3l_loops.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace {

using at::Tensor;
using s3l::kGrain;
using bfloat = uint16_t;  // the bits of a bfloat16

S3L_INLINE float widen(float value) { return value; }

S3L_INLINE float widen(bfloat value) {
    const uint32_t bits = static_cast<uint32_t>(value) << 16;
    float result;
    std::memcpy(&result, &bits, sizeof result);
    return result;
}

S3L_INLINE void narrow(float value, float& result) { result = value; }

// To the nearest, to the even one of two; not a number stays one.
S3L_INLINE void narrow(float value, bfloat& result) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    result = static_cast<bfloat>(value != value ? 0x7fc0u : rounded);
}

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

// The layout in which channels are innermost, as rows of channels; maps may also hold one axis more, with the batch among the pixels.
c10::optional<at::MemoryFormat> channels_innermost(const Tensor& maps) {
    if (maps.dim() == 4 && maps.is_contiguous(at::MemoryFormat::ChannelsLast)) return at::MemoryFormat::ChannelsLast;
    if (maps.dim() == 5 && maps.is_contiguous(at::MemoryFormat::ChannelsLast3d)) return at::MemoryFormat::ChannelsLast3d;
    return c10::nullopt;
}

template <class T>
T* data_of(const Tensor& tensor) {
    return tensor.defined() ? static_cast<T*>(tensor.data_ptr()) : nullptr;
}

// Two sums per channel over all rows, in parts that depend on the number of threads alone. `part(begin, end, first, second)` adds to floats,
// for so few rows at a time that nothing is lost.
template <class Part>
void two_sums(int64_t rows, int64_t channels, double* first, double* second, const Part& part) {
    constexpr int64_t kRowsAtOnce = 256;
    const int64_t parts = rows * channels < kGrain ? 1 : std::min<int64_t>(at::get_num_threads(), rows);
    std::vector<double> partial(static_cast<size_t>(parts * 2 * channels));
    at::parallel_for(0, parts, 1, [&](int64_t from, int64_t to) {
        std::vector<float> sums(static_cast<size_t>(2 * channels));
        for (int64_t p = from; p < to; ++p) {
            double* mine = partial.data() + p * 2 * channels;
            const int64_t end = rows * (p + 1) / parts;
            for (int64_t row = rows * p / parts; row < end; row += kRowsAtOnce) {
                std::fill(sums.begin(), sums.end(), 0.f);
                part(row, std::min(row + kRowsAtOnce, end), sums.data(), sums.data() + channels);
                for (int64_t c = 0; c < 2 * channels; ++c) mine[c] += sums[static_cast<size_t>(c)];
            }
        }
    });
    std::fill(first, first + channels, 0);
    std::fill(second, second + channels, 0);
    for (int64_t p = 0; p < parts; ++p) {
        const double* mine = partial.data() + p * 2 * channels;
        for (int64_t c = 0; c < channels; ++c) {
            first[c] += mine[c];
            second[c] += mine[channels + c];
        }
    }
}

template <class T>
void normalise(const Tensor& x, const Tensor& shortcut, const Tensor& weight, const Tensor& bias, const Tensor& y, Tensor& running_mean,
               Tensor& running_var, Tensor& mean, Tensor& inverse, bool relu, double momentum, double eps) {
    const int64_t channels = x.size(1), rows = x.numel() / channels;
    const T* from = data_of<T>(x);
    std::vector<float> shift(static_cast<size_t>(channels)), scale(static_cast<size_t>(channels));
    for (int64_t c = 0; c < channels; ++c) shift[static_cast<size_t>(c)] = widen(from[c]);
    std::vector<double> sum(static_cast<size_t>(channels)), square(static_cast<size_t>(channels));
    two_sums(rows, channels, sum.data(), square.data(), [&](int64_t begin, int64_t end, float* first, float* second) {
        sums(from + begin * channels, end - begin, channels, shift.data(), first, second);
    });

    float* gathered_mean = data_of<float>(running_mean);
    float* gathered_var = data_of<float>(running_var);
    for (int64_t c = 0; c < channels; ++c) {
        const auto i = static_cast<size_t>(c);
        const double offset = sum[i] / static_cast<double>(rows), center = shift[i] + offset;
        const double variance = std::max(square[i] / static_cast<double>(rows) - offset * offset, 0.0);
        const double over = 1 / std::sqrt(variance + eps);
        mean.data_ptr<float>()[c] = static_cast<float>(center);
        inverse.data_ptr<float>()[c] = static_cast<float>(over);
        const double unbiased = rows > 1 ? variance * static_cast<double>(rows) / static_cast<double>(rows - 1) : NAN;
        gathered_mean[c] = static_cast<float>((1 - momentum) * gathered_mean[c] + momentum * center);
        gathered_var[c] = static_cast<float>((1 - momentum) * gathered_var[c] + momentum * unbiased);
        const double factor = weight.data_ptr<float>()[c] * over;
        scale[i] = static_cast<float>(factor);
        shift[i] = static_cast<float>(bias.data_ptr<float>()[c] - center * factor);
    }

    const T* added = data_of<T>(shortcut);
    T* to = data_of<T>(y);
    at::parallel_for(0, rows, std::max<int64_t>(kGrain / channels, 1), [&](int64_t begin, int64_t end) {
        normalised(from + begin * channels, added ? added + begin * channels : nullptr, to + begin * channels, end - begin, channels,
                   scale.data(), shift.data(), relu);
    });
}

template <class T>
void normalise_backward(const Tensor& dy, const Tensor& y, const Tensor& x, const Tensor& weight, const Tensor& mean, const Tensor& inverse,
                        const Tensor& dx, const Tensor& dshortcut, Tensor& dweight, Tensor& dbias, bool relu) {
    const int64_t channels = x.size(1), rows = x.numel() / channels;
    const T *upstream = data_of<T>(dy), *result = data_of<T>(y), *input = data_of<T>(x);
    T *passed = data_of<T>(dshortcut), *to = data_of<T>(dx);
    std::vector<double> sum(static_cast<size_t>(channels)), product(static_cast<size_t>(channels));
    two_sums(rows, channels, sum.data(), product.data(), [&](int64_t begin, int64_t end, float* first, float* second) {
        const int64_t at = begin * channels;
        backward_sums(upstream + at, result + at, input + at, passed ? passed + at : nullptr, end - begin, channels, mean.data_ptr<float>(), relu,
                      first, second);
    });

    std::vector<float> of_gradient(static_cast<size_t>(channels)), of_input(static_cast<size_t>(channels)), constant(static_cast<size_t>(channels));
    for (int64_t c = 0; c < channels; ++c) {
        const auto i = static_cast<size_t>(c);
        const double over = inverse.data_ptr<float>()[c], factor = weight.data_ptr<float>()[c] * over;
        dbias.data_ptr<float>()[c] = static_cast<float>(sum[i]);
        dweight.data_ptr<float>()[c] = static_cast<float>(product[i] * over);
        const double slope = -factor * over * over * product[i] / static_cast<double>(rows);
        of_gradient[i] = static_cast<float>(factor);
        of_input[i] = static_cast<float>(slope);
        constant[i] = static_cast<float>(-factor * sum[i] / static_cast<double>(rows) - slope * mean.data_ptr<float>()[c]);
    }

    at::parallel_for(0, rows, std::max<int64_t>(kGrain / channels, 1), [&](int64_t begin, int64_t end) {
        const int64_t at = begin * channels;
        backward_rows(upstream + at, result + at, input + at, to + at, end - begin, channels, of_gradient.data(), of_input.data(), constant.data(),
                      relu);
    });
}

struct NormRelu : torch::autograd::Function<NormRelu> {
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& input, const Tensor& weight, const Tensor& bias,
                          const Tensor& running_mean, const Tensor& running_var, const c10::optional<Tensor>& shortcut, bool relu,
                          double momentum, double eps) {
        const at::MemoryFormat format = *channels_innermost(input);
        const Tensor added = shortcut ? shortcut->contiguous(format) : Tensor();
        Tensor result = at::empty_like(input), mean = at::empty_like(weight), inverse = at::empty_like(weight);
        Tensor gathered_mean = running_mean, gathered_var = running_var;
        if (input.scalar_type() == at::kFloat)
            normalise<float>(input, added, weight, bias, result, gathered_mean, gathered_var, mean, inverse, relu, momentum, eps);
        else
            normalise<bfloat>(input, added, weight, bias, result, gathered_mean, gathered_var, mean, inverse, relu, momentum, eps);
        context->save_for_backward({input, weight, result, mean, inverse});
        context->saved_data["relu"] = relu;
        context->saved_data["shortcut"] = shortcut.has_value();
        return result;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const Tensor &input = saved[0], &weight = saved[1], &result = saved[2], &mean = saved[3], &inverse = saved[4];
        const bool relu = context->saved_data["relu"].toBool(), has_shortcut = context->saved_data["shortcut"].toBool();
        const Tensor upstream = gradients[0].to(input.scalar_type()).contiguous(*channels_innermost(input));
        Tensor dx = at::empty_like(input), dweight = at::empty_like(weight), dbias = at::empty_like(weight);
        // Without a relu the shortcut receives what comes.
        Tensor dshortcut = has_shortcut && relu ? at::empty_like(input) : Tensor();
        if (input.scalar_type() == at::kFloat)
            normalise_backward<float>(upstream, result, input, weight, mean, inverse, dx, dshortcut, dweight, dbias, relu);
        else
            normalise_backward<bfloat>(upstream, result, input, weight, mean, inverse, dx, dshortcut, dweight, dbias, relu);
        if (has_shortcut && !relu) dshortcut = upstream;
        return {dx, dweight, dbias, Tensor(), Tensor(), dshortcut, Tensor(), Tensor(), Tensor()};
    }
};

bool is_float_vector(const Tensor& tensor) { return tensor.is_cpu() && tensor.scalar_type() == at::kFloat && tensor.is_contiguous(); }

Tensor batch_norm_relu(const Tensor& input, const Tensor& weight, const Tensor& bias, const Tensor& running_mean, const Tensor& running_var,
                       const c10::optional<Tensor>& shortcut, bool relu, double momentum, double eps) {
    const bool fits = input.is_cpu() && (input.scalar_type() == at::kFloat || input.scalar_type() == at::kBFloat16) && input.dim() > 1 &&
                      input.numel() > input.size(1) &&
                      channels_innermost(input) && is_float_vector(weight) && is_float_vector(bias) && is_float_vector(running_mean) &&
                      is_float_vector(running_var) && weight.numel() == input.size(1) &&
                      (!shortcut || (shortcut->sizes() == input.sizes() && shortcut->scalar_type() == input.scalar_type() && shortcut->is_cpu()));
    if (fits) return NormRelu::apply(input, weight, bias, running_mean, running_var, shortcut, relu, momentum, eps);
    Tensor result = at::batch_norm(input, weight, bias, running_mean, running_var, true, momentum, eps, true);
    if (shortcut) result = result + *shortcut;
    return relu ? result.relu() : result;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(s3l, library) {
    library.def("batch_norm_relu(Tensor input, Tensor weight, Tensor bias, Tensor running_mean, Tensor running_var, Tensor? shortcut, bool relu, "
                "float momentum, float eps) -> Tensor",
                batch_norm_relu);
}
