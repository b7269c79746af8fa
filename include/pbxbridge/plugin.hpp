#pragma once

// A plug-in: a shared object that brings sink types. It is listed under `plugins` in the configuration, and loaded
// once, before any thread is started. It has all rights of the process: pbxbridge loads none from a file or directory
// that others may write.
//
// One source file of the plug-in ends with
//
//     PBXBRIDGE_PLUGIN(nats_sink_type)
//
// and names one or more constants of type `SinkType`. Build it as a module with the compiler and the Boost of the
// pbxbridge that loads it, against `pbxbridge::headers`: what it calls of pbxbridge, it finds in the process.

#include "pbxbridge/sink_type.hpp"

#include <boost/version.hpp>

#include <cstddef>

/// Counts up with each change of these headers that a compiled plug-in would not survive.
#define PBXBRIDGE_API_VERSION 5

#define PBXBRIDGE_TEXT_OF(value) #value
#define PBXBRIDGE_TEXT(value) PBXBRIDGE_TEXT_OF(value)

#if defined(__clang__)
#define PBXBRIDGE_COMPILER "clang " PBXBRIDGE_TEXT(__clang_major__)
#else
#define PBXBRIDGE_COMPILER "gcc " PBXBRIDGE_TEXT(__GNUC__)
#endif
#ifdef _GLIBCXX_DEBUG
#define PBXBRIDGE_LIBRARY_MODE " debug"
#else
#define PBXBRIDGE_LIBRARY_MODE ""
#endif

/// All that the layout of an object between pbxbridge and a plug-in depends on.
#define PBXBRIDGE_ABI_TAG                                                                                       \
  "pbxbridge api " PBXBRIDGE_TEXT(PBXBRIDGE_API_VERSION) ", " PBXBRIDGE_COMPILER ", libstdc++ " PBXBRIDGE_TEXT( \
      _GLIBCXX_RELEASE) " cxx11 " PBXBRIDGE_TEXT(_GLIBCXX_USE_CXX11_ABI) PBXBRIDGE_LIBRARY_MODE                 \
      ", boost " BOOST_LIB_VERSION

namespace pbxbridge {

/// Returned by the plug-in's one C function. The tag stands first in every version, and nothing after it is read where
/// it differs.
struct PluginTypes {
  const char* abi_tag = nullptr;
  const SinkType* const* types = nullptr;
  std::size_t count = 0;
};

/// Name and type of that function.
inline constexpr const char* plugin_symbol = "pbxbridge_plugin";
using PluginFunction = const PluginTypes*();

namespace plugin {

template <class... Types>
const PluginTypes* describe(const Types&... types) {
  static const SinkType* const list[] = {&types...};
  static const PluginTypes description{PBXBRIDGE_ABI_TAG, list, sizeof...(types)};
  return &description;
}

}  // namespace plugin
}  // namespace pbxbridge

#define PBXBRIDGE_PLUGIN(...)                                                                 \
  extern "C" [[gnu::visibility("default")]] const pbxbridge::PluginTypes* pbxbridge_plugin(); \
  extern "C" const pbxbridge::PluginTypes* pbxbridge_plugin() { return pbxbridge::plugin::describe(__VA_ARGS__); }
