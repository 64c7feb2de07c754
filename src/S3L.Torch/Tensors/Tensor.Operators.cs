namespace S3L.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The sum, element by element.</summary>
        public static Tensor operator +(Tensor left, Tensor right) => left.add(right);

        /// <summary>The sum, element by element.</summary>
        public static Tensor operator +(Tensor left, double right) => left.add((Scalar)right);

        /// <summary>The sum, element by element.</summary>
        public static Tensor operator +(double left, Tensor right) => right.add((Scalar)left);

        /// <summary>The difference, element by element.</summary>
        public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);

        /// <summary>The difference, element by element.</summary>
        public static Tensor operator -(Tensor left, double right) => left.sub((Scalar)right);

        /// <summary>The product, element by element.</summary>
        public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);

        /// <summary>The product, element by element.</summary>
        public static Tensor operator *(Tensor left, double right) => left.mul((Scalar)right);

        /// <summary>The product, element by element.</summary>
        public static Tensor operator *(double left, Tensor right) => right.mul((Scalar)left);

        /// <summary>The quotient, element by element.</summary>
        public static Tensor operator /(Tensor left, Tensor right) => left.div(right);

        /// <summary>The quotient, element by element.</summary>
        public static Tensor operator /(Tensor left, double right) => left.div((Scalar)right);

        /// <summary>The difference, element by element.</summary>
        public static Tensor operator -(double left, Tensor right) => Operators.rsub_Scalar.Call(right, left, 1L);

        /// <summary>The quotient, element by element.</summary>
        public static Tensor operator /(double left, Tensor right)
        {
            using Tensor inverse = Operators.reciprocal.Call(right);
            return inverse.mul((Scalar)left);
        }

        /// <summary>Each element with its sign changed.</summary>
        public static Tensor operator -(Tensor tensor) => tensor.neg();

        /// <summary>The sum, element by element; integers stay integers.</summary>
        public static Tensor operator +(Tensor left, long right) => left.add((Scalar)right);

        /// <summary>The sum, element by element; integers stay integers.</summary>
        public static Tensor operator +(long left, Tensor right) => right.add((Scalar)left);

        /// <summary>The difference, element by element; integers stay integers.</summary>
        public static Tensor operator -(Tensor left, long right) => left.sub((Scalar)right);

        /// <summary>The difference, element by element; integers stay integers.</summary>
        public static Tensor operator -(long left, Tensor right) => Operators.rsub_Scalar.Call(right, left, 1L);

        /// <summary>The product, element by element; integers stay integers.</summary>
        public static Tensor operator *(Tensor left, long right) => left.mul((Scalar)right);

        /// <summary>The product, element by element; integers stay integers.</summary>
        public static Tensor operator *(long left, Tensor right) => right.mul((Scalar)left);
    }
}
