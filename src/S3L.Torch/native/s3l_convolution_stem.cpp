// The convolution that a network begins with: pictures of few channels, which fill no vector. A row of the kernel lies over pixels that are
// neighbours in memory, so that each is one product of depth width × channels, and no pixel is copied but to set a border around it.
#include "s3l_factors.h"
#include "s3l_gradients.h"
#include "s3l_packing.h"
#include "s3l_recording.h"
#include "s3l_torch.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <cmath>

namespace {

using at::Tensor;

#ifdef S3L_PAIR_PRODUCTS

using s3l::bfloat;
using s3l::bits;
using s3l::mutable_bits;
using s3l::Number;

// What is read beyond the last row, by the widest vectors.
constexpr int64_t kSlack = 2 * s3l::kPanel;

struct Stem {
    s3l::Convolution of;

    int64_t row() const { return (of.width + 2 * of.padding[1]) * of.channels; }
    int64_t rows() const { return of.height + 2 * of.padding[0]; }
    int64_t step() const { return of.stride[1] * of.channels; }
    // A row of the kernel, and the same in whole pairs, or in fours of them where it is longer than a tile: what is too much meets weights of 0, as
    // no pixel is infinite.
    int64_t taps() const { return of.kernel_width * of.channels; }
    int64_t depth() const { return taps() <= 2 * s3l::kLanes ? (taps() + 1) / 2 * 2 : (taps() + 7) / 8 * 8; }
    // Rows of the kernel that share a panel of the gradient, whose width is in whole vectors.
    int64_t together() const { return std::min(s3l::kPanel / depth(), of.kernel_height); }
    int64_t panels() const { return s3l::parts_of(of.kernel_height, together()); }
    int64_t rows_of(int64_t panel) const { return std::min(together(), of.kernel_height - panel * together()); }
    int64_t width_of(int64_t panel) const { return s3l::parts_of(rows_of(panel) * depth(), s3l::kLanes) * s3l::kLanes; }
    // Where the rows of the kernel meet the pictures for a row of the result.
    const Number* met(const Tensor& bordered, int64_t picture, int64_t y) const {
        return bits(bordered) + (picture * rows() + y * of.stride[0]) * row();
    }
    // Rows of the result that are added to the kernel's gradient at a time. An odd one ends in half a pair, which another one could not follow.
    int64_t rows_at_once() const {
        return of.out_width % 2 == 0 ? std::max<int64_t>(s3l::products().pairs_at_once / (of.out_width / 2), 1) : 1;
    }
};

S3L_FOR_EACH_PROCESSOR
void narrow_row(const float* from, int64_t count, bfloat* to) {
    S3L_INDEPENDENT
    for (int64_t i = 0; i < count; ++i) s3l::narrow(from[i], to[i]);
}

// Rows of planes → pixels.
S3L_FOR_EACH_PROCESSOR
void interleave_planes(const Number* planes, int64_t channels, int64_t width, Number* to) {
    if (channels == 3) {
        const Number *a = planes, *b = a + width, *c = b + width;
        S3L_INDEPENDENT
        for (int64_t x = 0; x < width; ++x) {
            to[3 * x] = a[x];
            to[3 * x + 1] = b[x];
            to[3 * x + 2] = c[x];
        }
        return;
    }
    for (int64_t x = 0; x < width; ++x) {
        for (int64_t channel = 0; channel < channels; ++channel) to[x * channels + channel] = planes[channel * width + x];
    }
}

// The largest number but for its sign; what is not finite is not lost.
S3L_FOR_EACH_PROCESSOR
uint32_t largest_bits(const float* from, int64_t count) {
    uint32_t largest = 0;
    for (int64_t i = 0; i < count; ++i) {
        uint32_t bits;
        memcpy(&bits, from + i, sizeof bits);
        bits &= 0x7fffffffu;
        largest = bits > largest ? bits : largest;
    }
    return largest;
}

// Pictures as factors with zeros around them, channels innermost, and in fixed point their unit.
struct Pictures {
    Tensor bordered;
    float unit;
};

// The unit of all pictures, from their largest number: for as many as one sum meets, of pixels in a result and of rows in a gradient.
float unit_of(const Stem& stem, const Tensor& images) {
    const int64_t size = stem.of.height * stem.of.width * stem.of.channels;
    std::vector<uint32_t> of_pictures(static_cast<size_t>(stem.of.batch));
    at::parallel_for(0, stem.of.batch, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) of_pictures[static_cast<size_t>(i)] = largest_bits(images.data_ptr<float>() + i * size, size);
    });
    const uint32_t largest = *std::max_element(of_pictures.begin(), of_pictures.end());
    float number;
    memcpy(&number, &largest, sizeof number);
    const int64_t most = std::max(stem.taps() * stem.of.kernel_height, stem.rows_at_once() * stem.of.out_width);
    const float length = std::sqrt(static_cast<float>(most)) * number;
    return (length < s3l::kShortest ? s3l::kShortest : length) / s3l::kLongest;
}

// Pictures may come in planes, as views do, or with channels innermost.
Pictures pictures_of(const Stem& stem, const Tensor& given) {
    const s3l::Convolution& of = stem.of;
    const bool in_planes = !given.is_contiguous(at::MemoryFormat::ChannelsLast);
    const Tensor images = in_planes ? given.contiguous() : given;
    const bool in_units = s3l::products().in_fixed_point;
    const Pictures pictures{at::empty({of.batch * stem.rows() * stem.row() + kSlack}, images.options().dtype(at::kShort)),
                            in_units ? unit_of(stem, images) : 1};
    const auto narrow_to = [&](const float* from, int64_t count, Number* to) {
        in_units ? s3l::round_numbers(from, count, 1 / pictures.unit, to) : narrow_row(from, count, to);
    };
    const int64_t channels = of.channels, plane = of.height * of.width, border = of.padding[1] * channels;
    Number* const first = mutable_bits(pictures.bordered);
    at::parallel_for(0, of.batch, 1, [&](int64_t begin, int64_t end) {
        const s3l::Scratch<Number> planes(channels * of.width);
        for (int64_t picture = begin; picture < end; ++picture) {
            const float* from = images.data_ptr<float>() + picture * channels * plane;
            Number* to = first + picture * stem.rows() * stem.row();
            std::fill_n(to, of.padding[0] * stem.row(), Number{0});
            to += of.padding[0] * stem.row();
            for (int64_t y = 0; y < of.height; ++y, to += stem.row()) {
                std::fill_n(to, border, Number{0});
                std::fill_n(to + border + of.width * channels, border, Number{0});
                if (in_planes) {
                    for (int64_t c = 0; c < channels; ++c) narrow_to(from + c * plane + y * of.width, of.width, planes.data() + c * of.width);
                    interleave_planes(planes.data(), channels, of.width, to + border);
                } else {
                    narrow_to(from + y * of.width * channels, of.width * channels, to + border);
                }
            }
            std::fill_n(to, of.padding[0] * stem.row(), Number{0});
        }
    });
    // What is read beyond the last row meets weights of 0, but must be a number.
    std::fill_n(first + pictures.bordered.numel() - kSlack, kSlack, Number{0});
    return pictures;
}

void convolve(const Stem& stem, const Pictures& pictures, const float* kernels, const Tensor& result) {
    const s3l::Convolution& of = stem.of;
    const int64_t taps = stem.taps(), depth = stem.depth();
    const s3l::Units units = s3l::units_of_outputs(of, kernels);
    const s3l::Panels panels(of.outputs, of.kernel_height, depth, [&](int64_t place, int64_t output, int64_t outputs, Number* panel) {
        Number run[s3l::kPanel] = {};
        for (int64_t i = 0; i < outputs; ++i) {
            const float* weights = kernels + ((output + i) * of.kernel_height + place) * taps;
            const float* per_unit = units.per_unit(output + i);
            per_unit ? s3l::round_numbers(weights, taps, *per_unit, run) : narrow_row(weights, taps, run);
            for (int64_t tap = 0; tap < depth; ++tap) panel[tap / 2 * 2 * outputs + 2 * i + tap % 2] = run[tap];
        }
    });
    const std::vector<float> row_units(static_cast<size_t>(of.out_width), pictures.unit);
    s3l::share(of.batch, [&](const auto& next) {
        std::vector<s3l::Term> terms(static_cast<size_t>(of.kernel_height));
        for (int64_t picture; next(picture);) {
            for (int64_t y = 0; y < of.out_height; ++y) {
                const Number* met = stem.met(pictures.bordered, picture, y);
                for (int64_t panel = 0; panel < panels.count(); ++panel) {
                    for (int64_t i = 0; i < of.kernel_height; ++i) terms[static_cast<size_t>(i)] = {met + i * stem.row(), panels.at(panel, i)};
                    s3l::products().sum(terms.data(), of.kernel_height, of.out_width, depth, stem.step(), row_units.data(),
                                        units.units(panel * s3l::kPanel),
                                        mutable_bits(result) + (picture * of.out_height + y) * of.out_width * of.outputs + panel * s3l::kPanel,
                                        panels.width_of(panel), of.outputs);
                }
            }
        }
    });
}

// As many rows of the result as a picture has are more than are ever added at a time.
s3l::Units units_of_upstream(const Stem& stem, const Tensor& upstream) {
    if (!s3l::products().in_fixed_point) return {};
    const int64_t outputs = stem.of.outputs, size = stem.of.out_pixels() * outputs;
    std::vector<float> longest(static_cast<size_t>(outputs));
    s3l::find_longest(stem.of.batch, outputs, longest.data(), [&](int64_t picture, float* own) {
        s3l::lengthen(bits(upstream) + picture * size, stem.of.out_pixels(), outputs, outputs, own);
    });
    return s3l::Units(std::move(longest));
}

void kernel_gradient(const Stem& stem, const Pictures& pictures, const Tensor& upstream, float* gradient) {
    const s3l::Convolution& of = stem.of;
    const int64_t pairs = (of.out_width + 1) / 2, depth = stem.depth(), taps = stem.taps(), rows_at_once = stem.rows_at_once();
    const s3l::Units units = units_of_upstream(stem, upstream);
    // Sums of slices of the batch, so many that no thread waits long for another: [panel][outputs][width].
    const int64_t slices = std::min<int64_t>(of.batch, 8 * at::get_num_threads());
    const int64_t size = stem.panels() * of.outputs * s3l::kPanel;
    const Tensor sums = at::zeros({slices, size}, at::kFloat);
    s3l::share(slices, [&](const auto& next) {
        const s3l::Scratch<Number> turned(rows_at_once * pairs * of.outputs * 2), patches(rows_at_once * pairs * s3l::kPanel * 2 + kSlack);
        for (int64_t slice; next(slice);) {
            for (int64_t picture = of.batch * slice / slices; picture < of.batch * (slice + 1) / slices; ++picture) {
                for (int64_t y = 0; y < of.out_height; y += rows_at_once) {
                    const int64_t rows = std::min(rows_at_once, of.out_height - y);
                    s3l::products().turn(bits(upstream) + (picture * of.out_height + y) * of.out_width * of.outputs, rows * of.out_width, of.outputs,
                                         of.outputs, units.per_unit(), turned.data());
                    for (int64_t panel = 0; panel < stem.panels(); ++panel) {
                        const int64_t width = stem.width_of(panel);
                        for (int64_t i = 0; i < rows; ++i) {
                            s3l::interleave_patches(stem.met(pictures.bordered, picture, y + i) + panel * stem.together() * stem.row(), of.out_width,
                                                    stem.step(), stem.rows_of(panel), depth, stem.row(), width,
                                                    patches.data() + i * pairs * width * 2);
                        }
                        const s3l::Addend addend = {turned.data(), patches.data(),
                                                    sums.data_ptr<float>() + slice * size + panel * of.outputs * s3l::kPanel};
                        s3l::products().add(&addend, 1, rows * pairs, of.outputs, width);
                    }
                }
            }
        }
    });
    at::parallel_for(0, of.outputs, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin * of.kernel_height; i < end * of.kernel_height; ++i) {
            const int64_t output = i / of.kernel_height, row = i % of.kernel_height, panel = row / stem.together();
            const float* first = sums.data_ptr<float>() + (panel * s3l::kPanel * of.outputs) + output * stem.width_of(panel) +
                                 row % stem.together() * depth;
            const float* unit = units.units(output);
            float* to = gradient + i * taps;
            std::fill_n(to, taps, 0.f);
            for (int64_t slice = 0; slice < slices; ++slice) {
                for (int64_t tap = 0; tap < taps; ++tap) to[tap] += first[slice * size + tap];
            }
            if (!unit) continue;
            for (int64_t tap = 0; tap < taps; ++tap) to[tap] *= *unit * pictures.unit;
        }
    });
}

struct StemFunction : torch::autograd::Function<StemFunction> {
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& images, const Tensor& weight, at::IntArrayRef stride,
                          at::IntArrayRef padding) {
        const Stem stem{s3l::shape_of(images.sizes(), images.size(0), weight, stride, padding)};
        const Pictures pictures = pictures_of(stem, images);
        Tensor result = at::empty({stem.of.batch, stem.of.outputs, stem.of.out_height, stem.of.out_width}, images.options().dtype(at::kBFloat16),
                                  at::MemoryFormat::ChannelsLast);
        convolve(stem, pictures, weight.contiguous(at::MemoryFormat::ChannelsLast).data_ptr<float>(), result);
        context->save_for_backward({pictures.bordered, weight});
        context->saved_data["unit"] = static_cast<double>(pictures.unit);
        context->saved_data["sizes"] = images.sizes().vec();
        context->saved_data["stride"] = stride.vec();
        context->saved_data["padding"] = padding.vec();
        return result;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const auto sizes = context->saved_data["sizes"].toIntVector();
        const Stem stem{s3l::shape_of(sizes, sizes[0], saved[1], context->saved_data["stride"].toIntVector(),
                                      context->saved_data["padding"].toIntVector())};
        const Tensor upstream = gradients[0].to(at::kBFloat16).contiguous(at::MemoryFormat::ChannelsLast);
        Tensor of_weight = at::empty(saved[1].sizes(), saved[1].options(), at::MemoryFormat::ChannelsLast);
        kernel_gradient(stem, {saved[0], static_cast<float>(context->saved_data["unit"].toDouble())}, upstream, of_weight.data_ptr<float>());
        return s3l::differentiated_once({Tensor(), of_weight, Tensor(), Tensor()});
    }
};

bool is_coarse() {
    uint8_t enabled = 0;
    int32_t type = 0;
    return s3l_autocast_get(static_cast<int32_t>(at::kCPU), &enabled, &type) == S3L_OK && enabled != 0 &&
           type == static_cast<int32_t>(at::kBFloat16);
}

bool fits(const Tensor& images, const Tensor& weight, at::IntArrayRef padding) {
    const bool has_form = images.is_cpu() && images.scalar_type() == at::kFloat && images.dim() == 4 && images.numel() > 0 &&
                          weight.is_cpu() && weight.scalar_type() == at::kFloat && weight.dim() == 4 && weight.size(1) == images.size(1);
    if (!has_form || !is_coarse() || images.requires_grad() || s3l::is_recording() || !s3l::multiplies_pairs()) return false;
    const bool reaches = images.size(2) + 2 * padding[0] >= weight.size(2) && images.size(3) + 2 * padding[1] >= weight.size(3);
    return reaches && weight.numel() > 0 &&
           weight.size(0) % s3l::kLanes == 0 && weight.size(1) < s3l::kLanes && weight.size(1) * weight.size(3) < s3l::kPanel;
}

#endif

Tensor convolve_stem(const Tensor& images, const Tensor& weight, at::IntArrayRef stride, at::IntArrayRef padding) {
    s3l::check_steps(stride, padding);
#ifdef S3L_PAIR_PRODUCTS
    if (fits(images, weight, padding)) return StemFunction::apply(images, weight, stride, padding);
#endif
    return at::conv2d(images, weight, {}, stride, padding);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(s3l, library) {
    library.def("convolve_stem(Tensor images, Tensor weight, int[] stride, int[] padding) -> Tensor", convolve_stem);
}
