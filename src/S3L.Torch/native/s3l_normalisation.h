// What passes over normalised maps share: statistics of each channel, and what follows from them for results and gradients.
#pragma once

#include "s3l_loops.h"
#include "s3l_share.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace s3l {

// One float of each for every channel.
struct Normalisation {
    const at::Tensor &weight, &bias, &running_mean, &running_var;
};

// Normalised maps are x scale + shift.
struct Scaling {
    std::vector<float> scale, shift;
    at::Tensor mean, inverse;
};

// The gradient of x is of_gradient g + of_input x + constant.
struct Slopes {
    std::vector<float> of_gradient, of_input, constant;
};

template <class T>
T* data_of(const at::Tensor& tensor) {
    return tensor.defined() ? static_cast<T*>(tensor.data_ptr()) : nullptr;
}

// The layout in which channels are innermost, as rows of channels; maps may also hold one axis more, with the batch among the pixels.
c10::optional<at::MemoryFormat> channels_innermost(const at::Tensor& maps);

// Whether loops can be used: on the CPU, with channels innermost, in float or bfloat16, with more than one value per channel.
bool suits_loops(const Normalisation& norm, const at::Tensor& maps);

// Means and variances of a batch, which also move the gathered ones.
Scaling gather_statistics(const Normalisation& norm, const at::Tensor& maps, double momentum, double eps);

// From the sums of g and of g (x − mean) over `rows` values of each channel; writes the gradients of weight and bias.
Slopes slopes_of(const std::vector<double>& sum, const std::vector<double>& product, int64_t rows, const at::Tensor& weight,
                 const at::Tensor& mean, const at::Tensor& inverse, const at::Tensor& dweight, const at::Tensor& dbias);

// `work(begin, end)` over all rows, so many at a time that a thread waits for the last of another's no longer than it would take to hand out more.
template <class Work>
void over_rows(int64_t rows, int64_t channels, const Work& work) {
    const int64_t at_once = std::max<int64_t>(kGrain / channels, 1);
    share(parts_of(rows, at_once), [&](const auto& next) {
        for (int64_t i; next(i);) work(i * at_once, std::min((i + 1) * at_once, rows));
    });
}

// Two sums per channel over all rows, in parts that depend on how many numbers there are alone. `part(begin, end, first, second)` adds to floats, for
// so few rows at a time that nothing is lost.
template <class Part>
void two_sums(int64_t rows, int64_t channels, double* first, double* second, const Part& part) {
    constexpr int64_t kRowsAtOnce = 256, kMostParts = 32;
    const int64_t parts = std::clamp<int64_t>(rows * channels / kGrain, 1, std::min(kMostParts, rows));
    std::vector<double> partial(static_cast<size_t>(parts * 2 * channels));
    share(parts, [&](const auto& next) {
        std::vector<float> sums(static_cast<size_t>(2 * channels));
        for (int64_t p; next(p);) {
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

}  // namespace s3l
