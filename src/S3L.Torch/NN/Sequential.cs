namespace S3L.Torch.Modules
{
    /// <summary>Modules one after the other.</summary>
    public class Sequential : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        private readonly List<torch.nn.Module<torch.Tensor, torch.Tensor>> _modules = [];

        internal Sequential(IEnumerable<(string Name, torch.nn.Module<torch.Tensor, torch.Tensor> Module)> modules) : base(nameof(Sequential))
        {
            foreach ((string name, torch.nn.Module<torch.Tensor, torch.Tensor> module) in modules)
            {
                register_module(name, module);
                _modules.Add(module);
            }
        }

        /// <summary>How many modules there are.</summary>
        public int Count => _modules.Count;

        /// <inheritdoc/>
        public override torch.Tensor forward(torch.Tensor tensor)
        {
            torch.Tensor current = tensor;
            foreach (torch.nn.Module<torch.Tensor, torch.Tensor> module in _modules)
            {
                torch.Tensor next = module.call(current);
                // Only what was made here is released early; autograd keeps what it needs.
                if (!ReferenceEquals(current, tensor) && !ReferenceEquals(current, next)) current.Dispose();
                current = next;
            }

            return current;
        }
    }
}

namespace S3L.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Modules one after the other, named by their position.</summary>
            public static Modules.Sequential Sequential(params Module<Tensor, Tensor>[] modules) =>
                new(modules.Select((module, i) => (i.ToString(System.Globalization.CultureInfo.InvariantCulture), module)));

            /// <summary>Named modules one after the other.</summary>
            public static Modules.Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => new(modules);
        }
    }
}
