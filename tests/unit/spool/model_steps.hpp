#pragma once

// Random steps of a test that compares a spool with a model of it.

#include "spool/event_log.hpp"

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <ostream>
#include <rapidcheck.h>
#include <utility>
#include <vector>

namespace pbxbridge::spool {

template <class Action>
struct Step {
  Action action{};
  std::size_t amount = 0;
  CursorId cursor = 0;
};

/// `name_of(action)` stands next to the enum.
template <class Action>
std::ostream& operator<<(std::ostream& out, const Step<Action>& step) {
  return out << name_of(step.action) << " " << step.amount << " of " << step.cursor;
}

/// Actions of a model, each with its weight; amounts are below `amount_limit`.
template <class Action>
rc::Gen<Step<Action>> any_step(std::initializer_list<std::pair<std::size_t, Action>> actions, std::size_t amount_limit,
                               std::size_t cursor_count) {
  return rc::gen::build<Step<Action>>(
      rc::gen::set(&Step<Action>::action, rc::gen::weightedElement<Action>(actions)),
      rc::gen::set(&Step<Action>::amount, rc::gen::inRange<std::size_t>(0, amount_limit)),
      rc::gen::set(&Step<Action>::cursor, rc::gen::inRange<CursorId>(0, cursor_count)));
}

/// Tries the property with `cases` sequences of random steps, in the long form of the tests with 500; a failure is the
/// current test's, with the shrunk case and its seed.
void check_property(int cases, const std::function<void()>& property);

/// Has a new model run each sequence of steps and `finish`, as often as `check_property` says.
template <class Model, class Action>
void check_steps(int cases, const rc::Gen<Step<Action>>& step) {
  check_property(cases, [&] {
    const auto steps = *rc::gen::container<std::vector<Step<Action>>>(step);
    Model model;
    for (const auto& next : steps) model.run(next);
    model.finish();
  });
}

}  // namespace pbxbridge::spool
