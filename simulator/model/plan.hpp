#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace pbxbridge::sim {

struct ExtensionPlan {
  std::string number;
  std::string name;
  std::string username;
  std::string department;
};

struct QueuePlan {
  std::string number;
  std::string name;
  std::vector<std::string> agents;    ///< numbers of extensions
  std::vector<std::string> managers;  ///< numbers of extensions
  std::chrono::seconds service_level{20};
  std::chrono::seconds longest_wait{180};  ///< then the caller overflows
  std::chrono::seconds wrap_up{20};
  std::uint32_t capacity = 10;  ///< callers who may wait; one more overflows
};

/// A number that can be dialled from outside, and the queue or extension that it leads to.
struct DirectNumber {
  std::string number;
  std::string leads_to;
};

struct TrunkPlan {
  std::string name;
  std::string host = "192.0.2.10";  ///< of the provider
  std::vector<DirectNumber> numbers;
};

/// Plan from which a tenant is made.
struct TenantPlan {
  std::string name;
  std::string domain;
  std::vector<ExtensionPlan> extensions;
  std::vector<QueuePlan> queues;
  std::vector<TrunkPlan> trunks;
};

inline constexpr std::uint32_t default_extensions = 20;
inline constexpr std::uint32_t default_queues = 3;
inline constexpr std::uint32_t max_extensions = 10'000;
inline constexpr std::uint32_t max_queues = 900;
inline constexpr std::uint32_t max_tenants = 100;

/// Extensions 101, 102, ... without the block 8000 to 8999, which is for queues.
std::vector<ExtensionPlan> made_up_extensions(std::uint32_t count);

/// Queues 8001, 8002, ..., each with five of the extensions as agents and the next one as manager.
std::vector<QueuePlan> made_up_queues(std::uint32_t count, const std::vector<ExtensionPlan>& extensions);

/// One trunk with a number for each queue and each extension.
std::vector<TrunkPlan> made_up_trunks(const TenantPlan& tenant);

/// `tenant3` with domain `tenant3.test`, with so much made up.
TenantPlan made_up_tenant(std::uint32_t number, std::uint32_t extensions, std::uint32_t queues);

}  // namespace pbxbridge::sim
