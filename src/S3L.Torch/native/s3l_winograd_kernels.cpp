// The transforms of kernels into forms, and of the forms' gradients back.
#ifdef __AVX512VNNI__
#include "s3l_packing.h"
#include "s3l_units.h"
#include "s3l_winograd_pieces.h"

namespace s3l {
namespace {

// Outputs of kernels whose weights are asked for before they are read.
constexpr int64_t kRowsAhead = 4;

// One tap of a kernel at sixteen channels. Rows of taps are too short for the processor to see where they go, so that what is read next is asked for
// here.
inline Vector load_tap(const float* tap, const float* next) {
    __builtin_prefetch(next, 0, 2);
    return _mm512_loadu_ps(tap);
}

template <class Down, class Across>
void pack_of_results(const float* kernels, int64_t channels, int64_t width, Number* to, int64_t form_stride, float* units) {
    constexpr int64_t kForms = Down::kTo * Across::kTo;
    const int64_t row_stride = kTaps * channels;
    float per_unit[kLanes];
    for (int64_t row = 0; row < kLanes; ++row) {
        float longest = 0;
        for (int64_t tap = 0; tap < kTaps; ++tap) {
            const float length = length_of(kernels + row * row_stride + tap * channels, channels);
            // Where one is not a number, the longest is none.
            if (!(length <= longest) && longest == longest) longest = length;
        }
        units[row] = longest * (Down::kGrowth * Across::kGrowth / kLongest);
        per_unit[row] = 1 / units[row];
    }
    alignas(64) Number turning[kForms][kLanes][2 * kLanes];
    for (int64_t i = 0; i < channels; i += 2 * kLanes) {
        const bool whole = i + 2 * kLanes <= channels;
        for (int64_t row = 0; row < kLanes; ++row) {
            const float* kernel = kernels + row * row_stride + i;
            const Vector scale = _mm512_set1_ps(per_unit[row]);
            transform<Down, Across, 2>(
                [&](int tap, Vector* taps) {
                    taps[0] = scale * _mm512_loadu_ps(kernel + tap * channels);
                    taps[1] = whole ? scale * _mm512_loadu_ps(kernel + tap * channels + kLanes) : _mm512_setzero_ps();
                },
                [&](int form, const Vector* from) { _mm512_store_si512(turning[form][row], whole_numbers(from[0], from[1])); });
        }
        for (int64_t form = 0; form < kForms; ++form) {
            turn_pairs(turning[form][0], whole ? kLanes : kLanes / 2, to + form * form_stride + i * width, 2 * width);
        }
    }
}

template <class Down, class Across>
void pack_of_gradients(const float* kernels, int64_t row_stride, int64_t tap_stride, int64_t outputs, int64_t channels, const float* per_unit,
                       Number* to, int64_t form_stride) {
    for (int64_t output = 0; output < outputs; output += 2) {
        for (int64_t i = 0; i < channels; i += kLanes) {
            const float *upper = kernels + output * row_stride + i, *lower = upper + row_stride;
            const Vector scales = _mm512_loadu_ps(per_unit + i);
            transform<Down, Across, 2>(
                [&](int place, Vector* taps) {
                    const int64_t tap = (kTaps - 1 - place) * tap_stride;
                    taps[0] = scales * load_tap(upper + tap, upper + kRowsAhead * row_stride + tap);
                    taps[1] = scales * load_tap(lower + tap, lower + kRowsAhead * row_stride + tap);
                },
                [&](int form, const Vector* from) {
                    _mm512_storeu_si512(to + form * form_stride + output * channels + 2 * i, whole_numbers_in_turn(from[0], from[1]));
                });
        }
    }
}

template <class Down, class Across>
void kernel_gradient(const float* sums, int64_t form_stride, int64_t parts, int64_t part_stride, int64_t channels, float output_unit,
                     const float* channel_units, float* to, int64_t tap_stride) {
    for (int64_t i = 0; i < channels; i += kLanes) {
        const Vector units = times(output_unit, _mm512_loadu_ps(channel_units + i));
        transform<Down, Across, 1>(
            [&](int form, Vector* sum) {
                sum[0] = _mm512_loadu_ps(sums + form * form_stride + i);
                for (int64_t part = 1; part < parts; ++part) sum[0] += _mm512_loadu_ps(sums + part * part_stride + form * form_stride + i);
            },
            // Past the caches: by the time all gradients are there they hold others, and need not read what is written over.
            [&](int tap, const Vector* from) { _mm512_stream_ps(to + tap * tap_stride + i, units * from[0]); });
    }
    _mm_sfence();
}

template <class Down, class Across>
constexpr KernelPacks kPacks = {Down::kGrowth * Across::kGrowth, pack_of_results<Down, Across>, pack_of_gradients<Down, Across>};

template <class Down>
const KernelPacks& packs_of(int64_t across) {
    return across == kBothForms ? kPacks<Down, BothForms::Kernel> : kPacks<Down, FourForms::Kernel>;
}

template <class Down>
KernelGradient kernel_gradient_of(int64_t across) {
    return across == kBothForms ? kernel_gradient<Down, BothForms::Gradient> : kernel_gradient<Down, FourForms::Gradient>;
}

}  // namespace

const KernelPacks& packs_of(int64_t forms_down, int64_t forms_across) {
    return forms_down == kBothForms ? packs_of<BothForms::Kernel>(forms_across) : packs_of<FourForms::Kernel>(forms_across);
}

KernelGradient kernel_gradient_of(int64_t forms_down, int64_t forms_across) {
    return forms_down == kBothForms ? kernel_gradient_of<BothForms::Gradient>(forms_across)
                                    : kernel_gradient_of<FourForms::Gradient>(forms_across);
}

}  // namespace s3l
#endif
