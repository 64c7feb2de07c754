// The same products in the processor's matrix tiles (AMX), each of which multiplies as much at once as sixteen vectors.
#pragma once

#include "s3l_products.h"

namespace s3l {

// Not to be called before `s3l::multiplies_tiles` has said yes.
extern const Products kTileProducts;

// Whether they give what vectors give: an instruction that is there but wrong, in an emulator or on a virtual machine, would spoil a training
// without a word.
bool tile_products_are_right();

}  // namespace s3l
