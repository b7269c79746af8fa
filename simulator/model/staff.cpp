#include "simulator/model/staff.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace pbxbridge::sim {

namespace {

using namespace std::chrono_literals;

constexpr double evening = 18;
constexpr double morning = 7.5;
constexpr unsigned percent_of_night_shift = 20;
constexpr Duration mean_between_presences = 20min;  ///< of one extension

struct Presence {
  std::string_view name;
  std::string_view note;
};

constexpr Presence lunch{"LUNCH", "back at one"};
constexpr std::array presences{Presence{"ONLINE", ""}, Presence{"BUSINESS_TRIP", "in the north"},
                               Presence{"DO_NOT_DISTURB", "deep work"}, Presence{"AWAY", "back at two"}};

}  // namespace

template <class Step>
void Staff::later(const Extension& extension, Duration wait, Step step) {
  context_.after(wait, [tenant = extension.tenant, number = extension.number, step] {
    if (auto* same = tenant->extension(number)) step(*same);
  });
}

Staff::Staff(Context& context, Phones& phones) : context_(context), phones_(phones) {
  for (auto& tenant : context.world.tenants) {
    for (auto& extension : tenant.extensions) plan_evening(*extension);
    plan_change(tenant);
  }
}

void Staff::plan_evening(Extension& extension) {
  const auto leaves = context_.day.next(evening, context_.now) + context_.random.between(-40min, 40min);
  later(extension, leaves - context_.now, [this](Extension& same) {
    if (!context_.random.chance(percent_of_night_shift)) set_at_work(same, false);
    plan_morning(same);
  });
}

void Staff::plan_morning(Extension& extension) {
  const auto comes = context_.day.next(morning, context_.now) + context_.random.between(-20min, 40min);
  later(extension, comes - context_.now, [this](Extension& same) {
    set_at_work(same, true);
    plan_evening(same);
  });
}

/// A telephone stays on during a call.
void Staff::set_at_work(Extension& extension, bool at_work) {
  extension.at_work = at_work;
  for (auto* queue : extension.queues) phones_.set_logged_in(*queue, extension, at_work);
  if (at_work || extension.is_idle()) phones_.set_online(extension, at_work);
}

void Staff::plan_change(Tenant& tenant) {
  const auto people = static_cast<std::int64_t>(std::max<std::size_t>(1, tenant.extensions.size()));
  context_.after(context_.random.until_next(mean_between_presences / people), [this, &tenant] {
    if (!tenant.extensions.empty()) change(*context_.random.one_of(tenant.extensions));
    plan_change(tenant);
  });
}

void Staff::change(Extension& extension) {
  if (!extension.is_idle()) return;
  const auto dice = context_.random.below(100);
  if (dice < 70)
    change_presence(extension);
  else if (dice < 85)
    pause_in_queue(extension);
  else
    lose_registration(extension);
}

void Staff::change_presence(Extension& extension) {
  if (context_.day.is_lunch_time(context_.now) && extension.presence != lunch.name) {
    phones_.set_presence(extension, lunch.name, lunch.note);
    later(extension, context_.random.between(30min, 50min), [this](Extension& same) {
      if (same.presence == lunch.name) phones_.set_presence(same, presences[0].name, presences[0].note);
    });
    return;
  }
  const auto& next = context_.random.one_of(presences);
  if (next.name != extension.presence) phones_.set_presence(extension, next.name, next.note);
}

void Staff::pause_in_queue(Extension& extension) {
  if (extension.queues.empty()) return;
  const auto& queue = *context_.random.one_of(extension.queues);
  if (!queue.agent(extension)->logged_in) return;
  const auto set = [this, number = queue.number()](Extension& same, bool logged_in) {
    auto* of = same.tenant->queue(number);
    if (of != nullptr && of->agent(same) != nullptr) phones_.set_logged_in(*of, same, logged_in);
  };
  set(extension, false);
  later(extension, context_.random.between(3min, 15min),
        [set](Extension& same) { set(same, same.online && same.at_work); });
}

void Staff::lose_registration(Extension& extension) {
  phones_.set_online(extension, false);
  later(extension, context_.random.between(30s, 4min), [this](Extension& same) {
    if (same.at_work) phones_.set_online(same, true);
  });
}

}  // namespace pbxbridge::sim
