// Maxima over windows of 3 × 3, two pixels apart, of relu(batch normalisation): what a stem ends with. The normalised maps, the largest of a
// network, are never written: one pass for the statistics, one for the maxima, and as many backwards.
#include "s3l_gradients.h"
#include "s3l_normalisation.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace {

using at::Tensor;
using s3l::bfloat;
using s3l::data_of;
using s3l::narrow;
using s3l::widen;

// Where no element of a window is above zero.
constexpr int32_t kNone = 255;

struct Windows {
    int64_t height, width, channels;

    int64_t out_height() const { return (height + 1) / 2; }
    int64_t out_width() const { return (width + 1) / 2; }
};

// Windows [begin, end) of all pictures, and which of its nine places each maximum came from.
template <class T>
S3L_INLINE void maxima_of(const Windows& of, const T* x, const float* scale, const float* shift, T* y, uint8_t* places, int64_t begin, int64_t end) {
    const int64_t channels = of.channels;
    for (int64_t window = begin; window < end; ++window) {
        const int64_t left = window % of.out_width() * 2 - 1, row = window / of.out_width(), top = row % of.out_height() * 2 - 1;
        const T* picture = x + row / of.out_height() * of.height * of.width * channels;
        // Beyond the border the pixel in the middle is met once more, which changes no maximum.
        const T* pixel[9];
        int32_t named[9];
        for (int32_t i = 0; i < 9; ++i) {
            const int64_t py = top + i / 3, px = left + i % 3;
            const bool inside = py >= 0 && py < of.height && px >= 0 && px < of.width;
            named[i] = inside ? i : 4;
            pixel[i] = picture + (inside ? py * of.width + px : (top + 1) * of.width + left + 1) * channels;
        }
        S3L_INDEPENDENT
        for (int64_t c = 0; c < channels; ++c) {
            float best = 0;
            int32_t place = kNone;
#pragma GCC unroll 9
            for (int i = 0; i < 9; ++i) {
                const float value = widen(pixel[i][c]) * scale[c] + shift[c];
                // Not a number is not at most anything. Where one is, its channel's statistics have left no other.
                const bool stays = value <= best;
                best = stays ? best : value;
                place = stays ? place : named[i];
            }
            narrow(best, y[window * channels + c]);
            places[window * channels + c] = static_cast<uint8_t>(place);
        }
    }
}

// What comes back to a pixel from the one, two or four windows that it lies in.
template <class T>
S3L_INLINE void gradient_at(const Windows& of, const T* dy, const uint8_t* places, int64_t pixel, float* gradient) {
    const int64_t channels = of.channels, x = pixel % of.width, row = pixel / of.width, y = row % of.height, picture = row / of.height;
    for (int64_t c = 0; c < channels; ++c) gradient[c] = 0;
    for (int64_t wy = y / 2; wy <= (y + 1) / 2 && wy < of.out_height(); ++wy) {
        for (int64_t wx = x / 2; wx <= (x + 1) / 2 && wx < of.out_width(); ++wx) {
            const int64_t at = ((picture * of.out_height() + wy) * of.out_width() + wx) * channels;
            const int32_t here = static_cast<int32_t>((y - (2 * wy - 1)) * 3 + x - (2 * wx - 1));
            S3L_INDEPENDENT
            for (int64_t c = 0; c < channels; ++c) {
                const int32_t place = places[at + c];
                const float passed = widen(dy[at + c]);
                gradient[c] += place == here ? passed : 0.f;
            }
        }
    }
}

template <class T>
S3L_INLINE void sums_of(const Windows& of, const T* dy, const uint8_t* places, const T* x, int64_t begin, int64_t end, const float* mean,
                        float* gradient, float* sum, float* product) {
    const int64_t channels = of.channels;
    for (int64_t pixel = begin; pixel < end; ++pixel) {
        gradient_at(of, dy, places, pixel, gradient);
        const T* input = x + pixel * channels;
        S3L_INDEPENDENT
        for (int64_t c = 0; c < channels; ++c) {
            sum[c] += gradient[c];
            product[c] += gradient[c] * (widen(input[c]) - mean[c]);
        }
    }
}

template <class T>
S3L_INLINE void input_gradients_of(const Windows& of, const T* dy, const uint8_t* places, const T* x, T* dx, int64_t begin, int64_t end,
                                   const float* of_gradient, const float* of_input, const float* constant, float* gradient) {
    const int64_t channels = of.channels;
    for (int64_t pixel = begin; pixel < end; ++pixel) {
        gradient_at(of, dy, places, pixel, gradient);
        const T* input = x + pixel * channels;
        T* result = dx + pixel * channels;
        S3L_INDEPENDENT
        for (int64_t c = 0; c < channels; ++c) narrow(of_gradient[c] * gradient[c] + of_input[c] * widen(input[c]) + constant[c], result[c]);
    }
}

// Templates have no forms per instruction set, so each type has functions of its own.
#define S3L_LOOPS(T)                                                                                                                     \
    S3L_FOR_EACH_PROCESSOR void maxima(const Windows& of, const T* x, const float* scale, const float* shift, T* y, uint8_t* places,      \
                                       int64_t begin, int64_t end) {                                                                     \
        maxima_of(of, x, scale, shift, y, places, begin, end);                                                                           \
    }                                                                                                                                    \
    S3L_FOR_EACH_PROCESSOR void gradient_sums(const Windows& of, const T* dy, const uint8_t* places, const T* x, int64_t begin, int64_t end, \
                                              const float* mean, float* gradient, float* sum, float* product) {                          \
        sums_of(of, dy, places, x, begin, end, mean, gradient, sum, product);                                                            \
    }                                                                                                                                    \
    S3L_FOR_EACH_PROCESSOR void input_gradients(const Windows& of, const T* dy, const uint8_t* places, const T* x, T* dx, int64_t begin,  \
                                                int64_t end, const float* of_gradient, const float* of_input, const float* constant,      \
                                                float* gradient) {                                                                       \
        input_gradients_of(of, dy, places, x, dx, begin, end, of_gradient, of_input, constant, gradient);                                \
    }
S3L_LOOPS(float)
S3L_LOOPS(bfloat)
#undef S3L_LOOPS

Windows windows_of(const Tensor& maps) { return {maps.size(2), maps.size(3), maps.size(1)}; }

template <class T>
void pool(const Tensor& x, const s3l::Scaling& scaling, const Tensor& y, const Tensor& places) {
    const Windows of = windows_of(x);
    s3l::over_rows(x.size(0) * of.out_height() * of.out_width(), of.channels, [&](int64_t begin, int64_t end) {
        maxima(of, data_of<T>(x), scaling.scale.data(), scaling.shift.data(), data_of<T>(y), data_of<uint8_t>(places), begin, end);
    });
}

template <class T>
void pool_backward(const Tensor& dy, const Tensor& places, const Tensor& x, const Tensor& weight, const Tensor& mean, const Tensor& inverse,
                   const Tensor& dx, const Tensor& dweight, const Tensor& dbias) {
    const Windows of = windows_of(x);
    const int64_t pixels = x.numel() / of.channels;
    const auto channels = static_cast<size_t>(of.channels);
    std::vector<double> sum(channels), product(channels);
    s3l::two_sums(pixels, of.channels, sum.data(), product.data(), [&](int64_t begin, int64_t end, float* first, float* second) {
        std::vector<float> gradient(channels);
        gradient_sums(of, data_of<T>(dy), data_of<uint8_t>(places), data_of<T>(x), begin, end, data_of<float>(mean), gradient.data(), first, second);
    });
    const s3l::Slopes slopes = s3l::slopes_of(sum, product, pixels, weight, mean, inverse, dweight, dbias);
    s3l::over_rows(pixels, of.channels, [&](int64_t begin, int64_t end) {
        std::vector<float> gradient(channels);
        input_gradients(of, data_of<T>(dy), data_of<uint8_t>(places), data_of<T>(x), data_of<T>(dx), begin, end, slopes.of_gradient.data(),
                        slopes.of_input.data(), slopes.constant.data(), gradient.data());
    });
}

struct NormReluPool : torch::autograd::Function<NormReluPool> {
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& input, const Tensor& weight, const Tensor& bias,
                          const Tensor& running_mean, const Tensor& running_var, double momentum, double eps) {
        const Windows of = windows_of(input);
        Tensor result = at::empty({input.size(0), of.channels, of.out_height(), of.out_width()}, input.options(), at::MemoryFormat::ChannelsLast);
        const Tensor places = at::empty({result.numel()}, at::kByte);
        const s3l::Scaling scaling = s3l::gather_statistics({weight, bias, running_mean, running_var}, input, momentum, eps);
        const auto compute = input.scalar_type() == at::kFloat ? pool<float> : pool<bfloat>;
        compute(input, scaling, result, places);
        context->save_for_backward({input, weight, places, scaling.mean, scaling.inverse});
        return result;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const Tensor &input = saved[0], &weight = saved[1];
        const Tensor upstream = gradients[0].to(input.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
        Tensor dx = at::empty_like(input), dweight = at::empty_like(weight), dbias = at::empty_like(weight);
        const auto compute = input.scalar_type() == at::kFloat ? pool_backward<float> : pool_backward<bfloat>;
        compute(upstream, saved[2], input, weight, saved[3], saved[4], dx, dweight, dbias);
        return s3l::differentiated_once({dx, dweight, dbias, Tensor(), Tensor(), Tensor(), Tensor()});
    }
};

Tensor batch_norm_relu_max_pool(const Tensor& input, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                                const Tensor& running_var, double momentum, double eps) {
    if (input.dim() == 4 && s3l::suits_loops({weight, bias, running_mean, running_var}, input)) {
        return NormReluPool::apply(input, weight, bias, running_mean, running_var, momentum, eps);
    }
    const Tensor normalised = at::batch_norm(input, weight, bias, running_mean, running_var, true, momentum, eps, true);
    return at::max_pool2d(normalised.relu(), {3, 3}, {2, 2}, {1, 1});
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(s3l, library) {
    library.def("batch_norm_relu_max_pool(Tensor input, Tensor weight, Tensor bias, Tensor running_mean, Tensor running_var, float momentum, "
                "float eps) -> Tensor",
                batch_norm_relu_max_pool);
}
