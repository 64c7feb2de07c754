namespace S3L.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The same elements in another shape, sharing memory; one size may be -1.</summary>
        public Tensor view(params long[] shape) => Operators.view.Call(this, shape);

        /// <summary>The same elements in another shape, copied only where memory cannot be shared; one size may be -1.</summary>
        public Tensor reshape(params long[] shape) => Operators.reshape.Call(this, shape);

        /// <summary>Joins the dimensions from start to end.</summary>
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Operators.flatten_using_ints.Call(this, start_dim, end_dim);

        /// <summary>The dimensions in another order.</summary>
        public Tensor permute(params long[] permutation) => Operators.permute.Call(this, permutation);

        /// <summary>Two dimensions exchanged.</summary>
        public Tensor transpose(long dim0, long dim1) => Operators.transpose_int.Call(this, dim0, dim1);

        /// <summary>The transposed matrix.</summary>
        public Tensor t() => Operators.t.Call(this);

        /// <summary>Without the dimension of size one, or without all of them.</summary>
        public Tensor squeeze(long? dim = null) => dim is { } one ? Operators.squeeze_dim.Call(this, one) : Operators.squeeze.Call(this);

        /// <summary>With a new dimension of size one.</summary>
        public Tensor unsqueeze(long dim) => Operators.unsqueeze.Call(this, dim);

        /// <summary>Dimensions of size one repeated without a copy; -1 keeps a size.</summary>
        public Tensor expand(params long[] sizes) => Operators.expand.Call(this, sizes, false);

        /// <summary>Copies side by side along each dimension.</summary>
        public Tensor repeat(params long[] sizes) => Operators.repeat.Call(this, sizes);

        /// <summary>Reversed along the dimensions.</summary>
        public Tensor flip(params long[] dims) => Operators.flip.Call(this, dims);

        /// <summary>Elements moved along dimensions; what leaves one end enters at the other.</summary>
        public Tensor roll(long[] shifts, long[] dims) => Operators.roll.Call(this, shifts, dims);

        /// <summary>A part of one dimension, sharing memory.</summary>
        public Tensor narrow(long dim, long start, long length) => Operators.narrow.Call(this, dim, start, length);

        /// <summary>One position of one dimension, sharing memory.</summary>
        public Tensor select(long dim, long index) => Operators.select_int.Call(this, dim, index);

        /// <summary>Every step-th position of one dimension, sharing memory.</summary>
        public Tensor slice(long dim, long start, long finish, long step) => Operators.slice_Tensor.Call(this, dim, start, finish, step);

        /// <summary>Parts of equal size along one dimension; the last may be smaller.</summary>
        public Tensor[] split(long size, int dim = 0) => Operators.split_Tensor.CallList(this, size, (long)dim);

        /// <summary>At most so many parts along one dimension.</summary>
        public Tensor[] chunk(long chunks, long dim = 0) => Operators.chunk.CallList(this, chunks, dim);

        /// <summary>All positions of one dimension.</summary>
        public Tensor[] unbind(long dimension = 0) => Operators.unbind_int.CallList(this, dimension);

        /// <summary>The positions of one dimension that the index lists.</summary>
        public Tensor index_select(long dim, Tensor index) => Operators.index_select.Call(this, dim, index);

        /// <summary>Writes the source to the positions that the index lists.</summary>
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Operators.index_copy_.CallInPlace(this, dim, index, source);

        /// <summary>Writes a number to the positions that the index lists.</summary>
        public Tensor index_fill_(long dim, Tensor index, Scalar value) =>
            Operators.index_fill__int_Scalar.CallInPlace(this, dim, index, value);

        /// <summary>One element per index along one dimension.</summary>
        public Tensor gather(long dim, Tensor index) => Operators.gather.Call(this, dim, index, false);

        /// <summary>Writes the source to one element per index.</summary>
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Operators.scatter__src.CallInPlace(this, dim, index, src);

        /// <summary>Adds the source to one element per index, in place.</summary>
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Operators.scatter_add_.CallInPlace(this, dim, index, src);

        /// <summary>The number where the mask is true, this tensor elsewhere.</summary>
        public Tensor masked_fill(Tensor mask, Scalar value) => Operators.masked_fill_Scalar.Call(this, mask, value);

        /// <summary>The diagonal of two dimensions, sharing memory.</summary>
        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) => Operators.diagonal.Call(this, offset, dim1, dim2);
    }
}
