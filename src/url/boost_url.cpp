// Boost.URL is used without its compiled library: this file is the one that holds its definitions.
#include <boost/url/src.hpp>
