namespace S3L.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Sum of all elements.</summary>
        public Tensor sum(ScalarType? type = null) => Operators.sum.Call(this, type);

        /// <summary>Sums along one dimension.</summary>
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) =>
            Operators.sum_dim_IntList.Call(this, new[] { dim }, keepdim, type);

        /// <summary>Sums along several dimensions.</summary>
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Operators.sum_dim_IntList.Call(this, dim, keepdim, type);

        /// <summary>Mean of all elements.</summary>
        public Tensor mean() => Operators.mean.Call(this, Argument.None);

        /// <summary>Means along several dimensions.</summary>
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Operators.mean_dim.Call(this, dimensions, keepdim, type);

        /// <summary>Standard deviation of all elements.</summary>
        public Tensor std(bool unbiased = true) => Operators.std.Call(this, unbiased);

        /// <summary>Standard deviations along one dimension.</summary>
        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Cast(type, t =>
            Operators.std_dim.Call(t, new[] { dim }, unbiased, keepdim));

        /// <summary>Variances along several dimensions.</summary>
        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Cast(type, t =>
            Operators.var_dim.Call(t, dimensions, unbiased, keepdim));

        /// <summary>p-norm of all elements.</summary>
        public Tensor norm(float p = 2f) => Operators.norm_Scalar.Call(this, (double)p);

        /// <summary>Largest element.</summary>
        public Tensor max() => Operators.max.Call(this);

        /// <summary>Smallest element.</summary>
        public Tensor min() => Operators.min.Call(this);

        /// <summary>Largest elements along one dimension, and where they are.</summary>
        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Operators.max_dim.CallTwo(this, dim, keepdim);

        /// <summary>Largest elements along several dimensions.</summary>
        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) => Operators.amax.Call(this, dims, keepdim).Into(@out);

        /// <summary>Smallest elements along several dimensions.</summary>
        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) => Operators.amin.Call(this, dims, keepdim).Into(@out);

        /// <summary>Where the largest elements along one dimension are.</summary>
        public Tensor argmax(long dim, bool keepdim = false) => Operators.argmax.Call(this, dim, keepdim);

        /// <summary>The order that sorts along one dimension.</summary>
        public Tensor argsort(long dim = -1, bool descending = false) => Operators.argsort.Call(this, dim, descending);

        /// <summary>The k largest (or smallest) elements along one dimension, and where they are.</summary>
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Operators.topk.CallTwo(this, (long)k, (long)dim, largest, sorted);

        /// <summary>True where all elements are true.</summary>
        public Tensor all() => Operators.all.Call(this);

        /// <summary>True where any element is true.</summary>
        public Tensor any() => Operators.any.Call(this);

        /// <summary>Running sums along one dimension.</summary>
        public Tensor cumsum(long dim, ScalarType? type = null) => Operators.cumsum.Call(this, dim, type);

        /// <summary>Softmax along one dimension.</summary>
        public Tensor softmax(long dim, ScalarType? dtype = null) => Operators.softmax_int.Call(this, dim, dtype);

        /// <summary>Logarithm of the softmax along one dimension.</summary>
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Operators.log_softmax_int.Call(this, dim, dtype);

        /// <summary>Logarithm of the sum of exponentials along one dimension.</summary>
        public Tensor logsumexp(long dim, bool keepdim = false) => Operators.logsumexp.Call(this, new[] { dim }, keepdim);

        /// <summary>Indices of the elements that are not zero, [count, ndim]. Waits for the device.</summary>
        public Tensor nonzero() => Operators.nonzero.Call(this);

        private Tensor Cast(ScalarType? type, Func<Tensor, Tensor> reduce)
        {
            if (type is not { } other) return reduce(this);
            using Tensor converted = to(other);
            return reduce(converted);
        }

        private Tensor Into(Tensor? target)
        {
            if (target is null) return this;
            target.copy_(this);
            Dispose();
            return target;
        }
    }
}
