namespace S3L.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Absolute value of each element.</summary>
        public Tensor abs() => Operators.abs.Call(this);

        /// <summary>Each element with its sign changed.</summary>
        public Tensor neg() => Operators.neg.Call(this);

        /// <summary>e to the power of each element.</summary>
        public Tensor exp() => Operators.exp.Call(this);

        /// <summary>Natural logarithm of each element.</summary>
        public Tensor log() => Operators.log.Call(this);

        /// <summary>Square root of each element.</summary>
        public Tensor sqrt() => Operators.sqrt.Call(this);

        /// <summary>Square root of each element, in place.</summary>
        public Tensor sqrt_() => Operators.sqrt_.CallInPlace(this);

        /// <summary>One divided by the square root of each element.</summary>
        public Tensor rsqrt() => Operators.rsqrt.Call(this);

        /// <summary>Square of each element.</summary>
        public Tensor square() => Operators.square.Call(this);

        /// <summary>The largest integer not above each element.</summary>
        public Tensor floor() => Operators.floor.Call(this);

        /// <summary>Cosine of each element.</summary>
        public Tensor cos() => Operators.cos.Call(this);

        /// <summary>Sine of each element.</summary>
        public Tensor sin() => Operators.sin.Call(this);

        /// <summary>Logistic function of each element.</summary>
        public Tensor sigmoid() => Operators.sigmoid.Call(this);

        /// <summary>True where an element is neither infinite nor NaN.</summary>
        public Tensor isfinite() => Operators.isfinite.Call(this);

        /// <summary>True where an element is zero.</summary>
        public Tensor logical_not() => Operators.logical_not.Call(this);

        /// <summary>Each element rounded to the nearest integer, halves to even.</summary>
        public Tensor round(long decimals = 0) => Operators.round_decimals.Call(this, decimals);

        /// <summary>Adds element by element. Shapes broadcast.</summary>
        public Tensor add(Tensor target) => Operators.add_Tensor.Call(this, target, 1L);

        /// <summary>Adds element by element.</summary>
        public Tensor add(Scalar scalar) => Operators.add_Scalar.Call(this, scalar, 1L);

        /// <summary>Adds element by element times <paramref name="alpha"/>.</summary>
        public Tensor add(Tensor target, Scalar alpha) => Operators.add_Tensor.Call(this, target, alpha);

        /// <summary>Adds element by element, in place.</summary>
        public Tensor add_(Tensor target) => Operators.add__Tensor.CallInPlace(this, target, 1L);

        /// <summary>Adds element by element, in place.</summary>
        public Tensor add_(Scalar scalar) => Operators.add__Scalar.CallInPlace(this, scalar, 1L);

        /// <summary>Adds element by element times <paramref name="alpha"/>, in place.</summary>
        public Tensor add_(Tensor target, Scalar alpha) => Operators.add__Tensor.CallInPlace(this, target, alpha);

        /// <summary>Subtracts element by element. Shapes broadcast.</summary>
        public Tensor sub(Tensor target) => Operators.sub_Tensor.Call(this, target, 1L);

        /// <summary>Subtracts element by element.</summary>
        public Tensor sub(Scalar target) => Operators.sub_Scalar.Call(this, target, 1L);

        /// <summary>Subtracts element by element, in place.</summary>
        public Tensor sub_(Tensor target) => Operators.sub__Tensor.CallInPlace(this, target, 1L);

        /// <summary>Subtracts element by element, in place.</summary>
        public Tensor sub_(Scalar target) => Operators.sub__Scalar.CallInPlace(this, target, 1L);

        /// <summary>Multiplies element by element. Shapes broadcast.</summary>
        public Tensor mul(Tensor target) => Operators.mul_Tensor.Call(this, target);

        /// <summary>Multiplies element by element.</summary>
        public Tensor mul(Scalar target) => Operators.mul_Scalar.Call(this, target);

        /// <summary>Multiplies element by element, in place.</summary>
        public Tensor mul_(Tensor target) => Operators.mul__Tensor.CallInPlace(this, target);

        /// <summary>Multiplies element by element, in place.</summary>
        public Tensor mul_(Scalar target) => Operators.mul__Scalar.CallInPlace(this, target);

        /// <summary>Divides element by element. Shapes broadcast.</summary>
        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? Operators.div_Tensor.Call(this, target)
            : Operators.div_Tensor_mode.Call(this, target, rounding_mode.ToString());

        /// <summary>Divides element by element.</summary>
        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? Operators.div_Scalar.Call(this, target)
            : Operators.div_Scalar_mode.Call(this, target, rounding_mode.ToString());

        /// <summary>Divides element by element, in place.</summary>
        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? Operators.div__Tensor.CallInPlace(this, target)
            : Operators.div__Tensor_mode.CallInPlace(this, target, rounding_mode.ToString());

        /// <summary>Divides element by element, in place.</summary>
        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? Operators.div__Scalar.CallInPlace(this, target)
            : Operators.div__Scalar_mode.CallInPlace(this, target, rounding_mode.ToString());

        /// <summary>Each element to a power.</summary>
        public Tensor pow(Scalar exponent) => Operators.pow_Tensor_Scalar.Call(this, exponent);

        /// <summary>Remainder with the sign of the divisor.</summary>
        public Tensor remainder(Scalar scalar) => Operators.remainder_Scalar.Call(this, scalar);

        /// <summary>The larger of two elements. Shapes broadcast.</summary>
        public Tensor maximum(Tensor other) => Operators.maximum.Call(this, other);

        /// <summary>The smaller of two elements. Shapes broadcast.</summary>
        public Tensor minimum(Tensor other) => Operators.minimum.Call(this, other);

        /// <summary>Each element, brought into the range.</summary>
        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Operators.clamp.Call(this, min, max);

        /// <summary>Each element, brought into the range that two tensors give.</summary>
        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Operators.clamp_Tensor.Call(this, min, max);

        /// <summary>Each element, brought into the range, in place.</summary>
        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Operators.clamp_.CallInPlace(this, min, max);

        /// <summary>Each element, at least <paramref name="min"/>.</summary>
        public Tensor clamp_min(Scalar min) => Operators.clamp_min.Call(this, min);

        /// <summary>True where an element equals the other. Shapes broadcast.</summary>
        public Tensor eq(Tensor target) => Operators.eq_Tensor.Call(this, target);

        /// <summary>True where an element equals the number.</summary>
        public Tensor eq(Scalar target) => Operators.eq_Scalar.Call(this, target);

        /// <summary>True where an element differs from the other. Shapes broadcast.</summary>
        public Tensor ne(Tensor target) => Operators.ne_Tensor.Call(this, target);

        /// <summary>True where an element differs from the number.</summary>
        public Tensor ne(Scalar target) => Operators.ne_Scalar.Call(this, target);

        /// <summary>True where an element is less than the other. Shapes broadcast.</summary>
        public Tensor lt(Tensor target) => Operators.lt_Tensor.Call(this, target);

        /// <summary>True where an element is less than the number.</summary>
        public Tensor lt(Scalar target) => Operators.lt_Scalar.Call(this, target);

        /// <summary>True where an element is at most the other. Shapes broadcast.</summary>
        public Tensor le(Tensor target) => Operators.le_Tensor.Call(this, target);

        /// <summary>True where an element is at most the number.</summary>
        public Tensor le(Scalar target) => Operators.le_Scalar.Call(this, target);

        /// <summary>True where an element is greater than the other. Shapes broadcast.</summary>
        public Tensor gt(Tensor target) => Operators.gt_Tensor.Call(this, target);

        /// <summary>True where an element is greater than the number.</summary>
        public Tensor gt(Scalar target) => Operators.gt_Scalar.Call(this, target);

        /// <summary>True where an element is at least the other. Shapes broadcast.</summary>
        public Tensor ge(Tensor target) => Operators.ge_Tensor.Call(this, target);

        /// <summary>True where an element is at least the number.</summary>
        public Tensor ge(Scalar target) => Operators.ge_Scalar.Call(this, target);

        /// <summary>True where both elements are not zero.</summary>
        public Tensor logical_and(Tensor other) => Operators.logical_and.Call(this, other);

        /// <summary>This tensor where the condition holds, the other elsewhere.</summary>
        public Tensor where(Tensor condition, Tensor y) => Operators.where_self.Call(condition, this, y);

        /// <summary>This plus weight × (end − this), in place.</summary>
        public Tensor lerp_(Tensor end, Tensor weight) => Operators.lerp__Tensor.CallInPlace(this, end, weight);

        /// <summary>Adds value × tensor1 × tensor2, in place.</summary>
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Operators.addcmul_.CallInPlace(this, tensor1, tensor2, value);

        /// <summary>Adds value × tensor1 / tensor2, in place.</summary>
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Operators.addcdiv_.CallInPlace(this, tensor1, tensor2, value);

        /// <summary>Matrix product; leading dimensions broadcast.</summary>
        public Tensor matmul(Tensor target) => Operators.matmul.Call(this, target);

        /// <summary>Product of two matrices [n, k] and [k, m].</summary>
        public Tensor mm(Tensor target) => Operators.mm.Call(this, target);

        /// <summary>Products of two stacks of matrices [b, n, k] and [b, k, m].</summary>
        public Tensor bmm(Tensor batch2) => Operators.bmm.Call(this, batch2);
    }
}
