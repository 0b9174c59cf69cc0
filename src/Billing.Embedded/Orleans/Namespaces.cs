namespace Orleans
{
}

namespace Orleans.Runtime
{
}
