// What the factors of products are made of: units for those in fixed point, and weights as panels.
#pragma once

#include "s3l_convolution.h"
#include "s3l_units.h"

#include <mutex>
#include <vector>

namespace s3l {

// The units of vectors from their lengths, and numbers per unit. None where numbers are bfloat16, and have none.
class Units {
  public:
    Units() = default;

    explicit Units(std::vector<float> lengths, float growth = 1) : units_(std::move(lengths)), per_unit_(units_.size()) {
        for (size_t i = 0; i < units_.size(); ++i) {
            units_[i] *= growth / kLongest;
            per_unit_[i] = 1 / units_[i];
        }
    }

    Units(const float* lengths, int64_t count, float growth) : Units(std::vector<float>(lengths, lengths + count), growth) {}

    const float* units(int64_t first = 0) const { return units_.empty() ? nullptr : units_.data() + first; }
    const float* per_unit(int64_t first = 0) const { return units_.empty() ? nullptr : per_unit_.data() + first; }

  private:
    std::vector<float> units_, per_unit_;
};

// `lengthen_by(item, longest)` for each item, on all threads; `longest` becomes the longest of each column over all of them.
template <class LengthenBy>
void find_longest(int64_t items, int64_t depth, float* longest, const LengthenBy& lengthen_by) {
    std::mutex joining;
    share(items, [&](const auto& next) {
        std::vector<float> own(static_cast<size_t>(depth));
        for (int64_t i; next(i);) lengthen_by(i, own.data());
        const std::lock_guard<std::mutex> lock(joining);
        lengthen(own.data(), depth, longest);
    });
}

// Of kernels [outputs][taps][channels]: units of outputs, and of channels over all outputs and taps.
Units units_of_outputs(const Convolution& shape, const float* kernels);
Units units_of_channels(const Convolution& shape, const float* kernels);

// [taps][channels], over all outputs.
std::vector<float> lengths_of_taps(const Convolution& shape, const float* kernels);

// Weights as products take them: for each panel of up to kPanel channels of the result, and each place of the kernel, [depth / 2][width][2].
class Panels {
  public:
    // Not set to anything.
    Panels(int64_t width, int64_t places, int64_t depth)
        : width_(width), places_(places), depth_(depth), memory_(at::empty({width * places * depth}, at::kShort)) {}

    // `pack(place, first, width, panel)` writes the weights of the channels from `first`.
    template <class Pack>
    Panels(int64_t width, int64_t places, int64_t depth, const Pack& pack) : Panels(width, places, depth) {
        at::parallel_for(0, count() * places, 1, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) pack(i % places, i / places * kPanel, width_of(i / places), at(i / places, i % places));
        });
    }

    int64_t count() const { return parts_of(width_, kPanel); }
    int64_t width_of(int64_t panel) const { return std::min(kPanel, width_ - panel * kPanel); }
    Number* at(int64_t panel, int64_t place) const {
        return mutable_bits(memory_) + (panel * kPanel * places_ + place * width_of(panel)) * depth_;
    }

  private:
    int64_t width_, places_, depth_;
    at::Tensor memory_;
};

}  // namespace s3l
