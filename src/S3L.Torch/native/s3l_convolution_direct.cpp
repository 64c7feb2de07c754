// Each pixel of a result is a sum of products of matrices: [N, C] at a pixel that the kernel meets times [C, out] of the kernel there. No pixel
// is copied, no row is too short, and what lies beyond the border is left out.
#include "s3l_factors.h"
#include "s3l_packing.h"

#ifdef S3L_PAIR_PRODUCTS
#include <cmath>
#include <tuple>

namespace s3l {
namespace {

using at::Tensor;

// Pictures that results are summed for at a time, at least.
constexpr int64_t kPiece = 32;

// Pixels side by side whose neighbours above and below stay in the second cache.
constexpr int64_t kStrip = 8;

// Enough to choose from for the last ones to be a small part.
constexpr int64_t kItemsPerThread = 32;

// A place in the kernel, and the pixel that it meets there.
struct Meeting {
    int64_t tap, pixel;
};

// What each pixel of the result meets in the maps, or, turned around, each pixel of the maps in the result.
std::vector<std::vector<Meeting>> meetings(const Convolution& shape, bool of_maps) {
    std::vector<std::vector<Meeting>> all(static_cast<size_t>(of_maps ? shape.pixels() : shape.out_pixels()));
    for (int64_t out = 0; out < shape.out_pixels(); ++out) {
        for (int64_t tap = 0; tap < shape.taps(); ++tap) {
            const int64_t y = out / shape.out_width * shape.stride[0] - shape.padding[0] + tap / shape.kernel_width;
            const int64_t x = out % shape.out_width * shape.stride[1] - shape.padding[1] + tap % shape.kernel_width;
            if (y < 0 || y >= shape.height || x < 0 || x >= shape.width) continue;
            const int64_t in = y * shape.width + x;
            all[static_cast<size_t>(of_maps ? in : out)].push_back({tap, of_maps ? out : in});
        }
    }
    return all;
}

// Pixels in strips, down each and then to the next: what a pixel meets was met a row before, and is still in the second cache.
std::vector<int64_t> in_strips(int64_t height, int64_t width) {
    std::vector<int64_t> order;
    order.reserve(static_cast<size_t>(height * width));
    for (int64_t strip = 0; strip < width; strip += kStrip) {
        for (int64_t y = 0; y < height; ++y) {
            for (int64_t x = strip; x < std::min(strip + kStrip, width); ++x) order.push_back(y * width + x);
        }
    }
    return order;
}

// Maps as the left factor of sums: in bfloat16 as they are, in fixed point a copy with a unit for each picture.
struct LeftFactor {
    Tensor numbers;
    Units units;
};

LeftFactor left_factor(const MeasuredMaps& from, int64_t batch, int64_t depth, const std::vector<std::vector<Meeting>>& met) {
    if (!products().in_fixed_point) return {from.maps, {}};
    std::vector<bool> is_met(static_cast<size_t>(from.lengths.size(0)));
    size_t most = 1;
    for (const auto& meetings : met) {
        most = std::max(most, meetings.size());
        for (const Meeting& meeting : meetings) is_met[static_cast<size_t>(meeting.pixel)] = true;
    }
    std::vector<int64_t> pixels;
    std::vector<float> longest(static_cast<size_t>(batch));
    for (int64_t pixel = 0; pixel < from.lengths.size(0); ++pixel) {
        if (!is_met[static_cast<size_t>(pixel)]) continue;
        pixels.push_back(pixel);
        lengthen(from.lengths.data_ptr<float>() + pixel * batch, batch, longest.data());
    }
    // What meets a pixel is one vector.
    LeftFactor factor{at::empty({from.lengths.size(0), batch, depth}, at::kShort), Units(std::move(longest), std::sqrt(static_cast<float>(most)))};
    share(static_cast<int64_t>(pixels.size()), [&](const auto& next) {
        for (int64_t i; next(i);) {
            const int64_t at = pixels[static_cast<size_t>(i)] * batch * depth;
            round_rows(bits(from.maps) + at, batch, depth, factor.units.units(), mutable_bits(factor.numbers) + at);
        }
    });
    return factor;
}

// to[pixel] = Σ from[met pixel] · panel of the tap.
void sum_meetings(const MeasuredMaps& from, int64_t depth, const Tensor& to, int64_t width, int64_t batch, const Panels& panels,
                  const Units& panel_units, const std::vector<std::vector<Meeting>>& met, const std::vector<int64_t>& order) {
    const LeftFactor factor = left_factor(from, batch, depth, met);
    const int64_t pixels = static_cast<int64_t>(order.size());
    // Few pixels are cut into pieces of the batch, so that no thread waits long for the last of them.
    const int64_t pieces = std::min(parts_of(kItemsPerThread * at::get_num_threads(), panels.count() * pixels), std::max<int64_t>(batch / kPiece, 1));
    const auto start_of = [&](int64_t piece) { return piece == pieces ? batch : batch * piece / pieces / kPiece * kPiece; };
    // Panels outside, pixels inside: a thread's panel stays in its cache while the pixels pass by.
    share(panels.count() * pixels * pieces, [&](const auto& next) {
        std::vector<Term> terms;
        for (int64_t i; next(i);) {
            const int64_t panel = i / pieces / pixels, pixel = order[static_cast<size_t>(i / pieces % pixels)];
            const int64_t row = start_of(i % pieces), rows = start_of(i % pieces + 1) - row;
            terms.clear();
            for (const Meeting& meeting : met[static_cast<size_t>(pixel)]) {
                terms.push_back({bits(factor.numbers) + (meeting.pixel * batch + row) * depth, panels.at(panel, meeting.tap)});
            }
            products().sum(terms.data(), static_cast<int64_t>(terms.size()), rows, depth, depth, factor.units.units(row),
                           panel_units.units(panel * kPanel), mutable_bits(to) + (pixel * batch + row) * width + panel * kPanel,
                           panels.width_of(panel), width);
        }
    });
}

}  // namespace

void convolve_directly(const Convolution& shape, const MeasuredMaps& maps, const float* kernels, const Tensor& result) {
    const int64_t row = shape.taps() * shape.channels;
    const Units units = units_of_outputs(shape, kernels);
    const Panels panels(shape.outputs, shape.taps(), shape.channels, [&](int64_t tap, int64_t output, int64_t outputs, Number* panel) {
        products().pack_turned(kernels + output * row + tap * shape.channels, outputs, shape.channels, row, units.per_unit(output), panel);
    });
    sum_meetings(maps, shape.channels, result, shape.outputs, shape.batch, panels, units, meetings(shape, false),
                 in_strips(shape.out_height, shape.out_width));
}

void maps_gradient_directly(const Convolution& shape, const MeasuredMaps& upstream, const float* kernels, const Tensor& gradient) {
    const int64_t row = shape.taps() * shape.channels;
    const Units units = units_of_channels(shape, kernels);
    const Panels panels(shape.channels, shape.taps(), shape.outputs, [&](int64_t tap, int64_t channel, int64_t channels, Number* panel) {
        products().pack(kernels + tap * shape.channels + channel, shape.outputs, channels, row, units.per_unit(channel), panel);
    });
    sum_meetings(upstream, shape.outputs, gradient, shape.channels, shape.batch, panels, units, meetings(shape, true),
                 in_strips(shape.height, shape.width));
}

void kernel_gradient_directly(const Convolution& shape, const MeasuredMaps& maps, const MeasuredMaps& upstream, float* gradient) {
    const auto met = meetings(shape, true);
    const int64_t pairs = (shape.batch + 1) / 2, taps = shape.taps(), row = taps * shape.channels, at_once = products().rows_at_once;
    const int64_t chunks = parts_of(shape.outputs, at_once), panels = parts_of(shape.channels, kPanel);
    const auto outputs_of = [&](int64_t chunk) { return std::min(at_once, shape.outputs - chunk * at_once); };
    const bool in_units = products().in_fixed_point;
    const Units of_outputs = in_units ? Units(upstream.longest.data_ptr<float>(), shape.outputs, 1) : Units();
    const Units of_channels = in_units ? Units(maps.longest.data_ptr<float>(), shape.channels, 1) : Units();
    // Each chunk by itself: lines of one that lay far apart would fall on the same few places of the first cache.
    const Tensor turned = at::empty({shape.out_pixels() * pairs * 2 * shape.outputs}, at::kShort);
    const auto turned_at = [&](int64_t chunk, int64_t pixel) {
        return mutable_bits(turned) + (chunk * at_once * shape.out_pixels() + pixel * outputs_of(chunk)) * pairs * 2;
    };
    share(chunks * shape.out_pixels(), [&](const auto& next) {
        for (int64_t i; next(i);) {
            const int64_t chunk = i % chunks, pixel = i / chunks;
            for (int64_t picture = 0; picture < shape.batch; picture += kPicturesAtOnce) {
                products().turn(bits(upstream.maps) + (pixel * shape.batch + picture) * shape.outputs + chunk * at_once,
                                std::min(kPicturesAtOnce, shape.batch - picture), outputs_of(chunk), shape.outputs,
                                of_outputs.per_unit(chunk * at_once), turned_at(chunk, pixel) + picture * outputs_of(chunk));
            }
        }
    });

    std::vector<int64_t> order = in_strips(shape.height, shape.width);
    order.erase(std::remove_if(order.begin(), order.end(), [&](int64_t pixel) { return met[static_cast<size_t>(pixel)].empty(); }), order.end());
    // Taps apart only where threads would wait for each other otherwise: together they turn the maps once.
    const int64_t threads = at::get_num_threads();
    int64_t parts = 1;
    while (parts < taps && panels * chunks * parts % threads != 0 && panels * chunks * parts < 4 * threads) ++parts;
    share(panels * chunks * parts, [&](const auto& next) {
        const size_t pixels_at_once = static_cast<size_t>(products().addends_at_once);
        const Scratch<Number> scratch(products().addends_at_once * kPicturesAtOnce * kPanel);
        // Apart from the gradient, whose rows lie so far apart that they may share a few places of the first cache.
        const Scratch<float> sums(taps * at_once * kPanel);
        std::vector<Addend> addends;
        for (int64_t i; next(i);) {
            const int64_t first_tap = taps * (i % parts) / parts, last_tap = taps * (i % parts + 1) / parts;
            const int64_t chunk = i / parts % chunks, outputs = outputs_of(chunk);
            const int64_t channel = i / parts / chunks * kPanel, channels = std::min(kPanel, shape.channels - channel);
            std::fill(sums.data() + first_tap * outputs * channels, sums.data() + last_tap * outputs * channels, 0.f);
            for (int64_t picture = 0; picture < shape.batch; picture += kPicturesAtOnce) {
                const int64_t pictures = std::min(kPicturesAtOnce, shape.batch - picture);
                for (size_t first = 0; first < order.size(); first += pixels_at_once) {
                    addends.clear();
                    for (size_t at = first; at < std::min(first + pixels_at_once, order.size()); ++at) {
                        Number* right = scratch.data() + (at - first) * kPicturesAtOnce * kPanel;
                        products().interleave(bits(maps.maps) + (order[at] * shape.batch + picture) * shape.channels + channel, pictures, channels,
                                              shape.channels, of_channels.per_unit(channel), right);
                        for (const Meeting& meeting : met[static_cast<size_t>(order[at])]) {
                            if (meeting.tap < first_tap || meeting.tap >= last_tap) continue;
                            addends.push_back({turned_at(chunk, meeting.pixel) + picture * outputs, right,
                                               sums.data() + meeting.tap * outputs * channels});
                        }
                    }
                    std::sort(addends.begin(), addends.end(),
                              [](const Addend& a, const Addend& b) { return std::tie(a.sums, a.right) < std::tie(b.sums, b.right); });
                    products().add(addends.data(), static_cast<int64_t>(addends.size()), (pictures + 1) / 2, outputs, channels);
                }
            }
            float* to = gradient + chunk * at_once * row + channel;
            for (int64_t output = 0; output < outputs; ++output) {
                const float output_unit = in_units ? *of_outputs.units(chunk * at_once + output) : 1;
                for (int64_t tap = first_tap; tap < last_tap; ++tap) {
                    const float* from = sums.data() + (tap * outputs + output) * channels;
                    float* at = to + output * row + tap * shape.channels;
                    for (int64_t i = 0; i < channels; ++i) at[i] = in_units ? from[i] * (output_unit * *of_channels.units(channel + i)) : from[i];
                }
            }
        }
    });
}

}  // namespace s3l
#endif
