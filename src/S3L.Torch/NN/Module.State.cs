namespace S3L.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>All parameters and persistent buffers by their path. The tensors are the module's own, not copies.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                string path = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                foreach ((string name, Modules.Parameter parameter) in _parameters) destination[path + name] = parameter;
                foreach ((string name, (Tensor tensor, bool persistent)) in _buffers)
                {
                    if (persistent) destination[path + name] = tensor;
                }

                foreach ((string name, Module child) in _children) child.state_dict(destination, path + name);
                return destination;
            }

            /// <summary>Copies values into the parameters and buffers of the same names.</summary>
            /// <param name="source">Values by path; shapes must be the same.</param>
            /// <param name="strict">Refuse where names are missing on either side.</param>
            /// <param name="skip">Names to leave as they are.</param>
            /// <returns>Names that the source lacks, and names that the module lacks.</returns>
            /// <exception cref="ArgumentException">Names differ in strict mode, or shapes differ.</exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                ArgumentNullException.ThrowIfNull(source);
                Dictionary<string, Tensor> own = state_dict();
                var left = new HashSet<string>(skip ?? []);
                List<string> missing = [.. own.Keys.Where(k => !source.ContainsKey(k) && !left.Contains(k))];
                List<string> unexpected = [.. source.Keys.Where(k => !own.ContainsKey(k) && !left.Contains(k))];
                if (strict && missing.Count + unexpected.Count > 0)
                {
                    throw new ArgumentException(
                        $"source must hold exactly the names of module '{_name}'; missing: [{string.Join(", ", missing)}]; " +
                        $"unexpected: [{string.Join(", ", unexpected)}].", nameof(source));
                }

                List<string> wrong = [.. own.Where(o => !left.Contains(o.Key) && source.TryGetValue(o.Key, out Tensor? s)
                    && !s.shape.SequenceEqual(o.Value.shape))
                    .Select(o => $"{o.Key} must be [{string.Join(", ", o.Value.shape)}] but is [{string.Join(", ", source[o.Key].shape)}]")];
                if (wrong.Count > 0) throw new ArgumentException($"source has other shapes than module '{_name}': {string.Join("; ", wrong)}.",
                    nameof(source));

                using IDisposable mode = no_grad();
                foreach ((string name, Tensor tensor) in own)
                {
                    if (!left.Contains(name) && source.TryGetValue(name, out Tensor? value)) tensor.copy_(value);
                }

                return (missing, unexpected);
            }
        }
    }
}
