// Which libtorch this is compiled against.
#pragma once

#include <torch/version.h>

#define S3L_TORCH_AT_LEAST(major, minor) \
    (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))
