"""Which words may an example use? Every concept of the dataflow with the names it goes by.

Adding a synonym is adding a word to a line. Units, periods and variants are not listed: `names` takes them off first.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

_INPUT_WORDS: Mapping[str, str] = {
    "average": (
        "avg_premium average_premium mean_premium premium_mean premium_average premium_avg avg_premium_index "
        "average_premium_index premium_index weighted_premium weighted_avg_premium weighted_average_premium twap_premium "
        "premium_twap avg_premium_prev prev_avg_premium avg_premium_60 moving_average_premium premium_ma ma_premium p_avg avg_p "
        "pavg twap p avg average ma x"
    ),
    "samples": (
        "premiums premium_samples samples premium_series premium_indexes premium_indices minute_premiums per_minute_premiums "
        "premium_index_samples premium_rates sample_premiums"
    ),
    "premium": (
        "premium constant_premium constant_vwap_premium vwap_premium premium_rate premium_sample sample_premium sample "
        "utilization utilisation"
    ),
    "votes": "votes premium_votes block_votes vote_premiums",
    "min_votes": "min_votes min_num_votes min_num_votes_per_sample votes_per_sample",
    "vote_count": "num_votes num_premiums number_of_votes vote_count",
    "spacing": "sample_seconds sample_interval_seconds sample_interval sampling_seconds sample_period_seconds sample_every_seconds",
    "closes": "closes settlement_prices close_prices",
    "impact_bid": "impact_bid impact_bid_price ib depth_weighted_bid depth_weighted_bid_price",
    "impact_ask": "impact_ask impact_ask_price ia depth_weighted_ask depth_weighted_ask_price",
    "index": (
        "index index_price oracle oracle_price oracle_px spot spot_price spot_index underlying_price index_twap price_index idx twap_index "
        "mark_ema ema_mark mark_average average_mark "
        "oracle_twap twap_oracle"
    ),
    "mark": "mark mark_price mark_px fair fair_price mark_twap twap_mark",
    "bid": "bid best_bid best_bid_price bid_price bid1",
    "ask": "ask best_ask best_ask_price ask_price ask1 best_offer",
    "execution": "execution vwap execution_vwap execution_price trade_vwap",
    "bids": "bids bid_levels longs long_max_charges long_orders",
    "asks": "asks ask_levels offers shorts short_min_charges short_orders",
    "impact_notional": "impact_notional impact_margin_notional imn impact_value depth_notional funding_impact_value notional_impact",
    "fair_basis": "fair_basis funding_basis fair_spread fair_basis_rate",
    "rate_in_force": "rate_in_force current_rate current_funding_rate funding_rate_in_force",
    "interest": "interest interest_rate i r interest_component interest_term static_interest static_rate composite_interest",
    "interest_quote": (
        "interest_quote quote_interest interest_quote_index quote_index_rate quote_interest_index usd_interest interest_usd "
        "funding_quote_rate"
    ),
    "interest_base": (
        "interest_base base_interest interest_base_index base_index_rate base_interest_index interest_btc interest_xbt btc_interest "
        "funding_base_rate"
    ),
    "damper": (
        "damper dampener damping clamp clamp_width clamp_range clamp_band half_width pull pull_width dev_cap deviation_cap "
        "clamp_deviation d band clamp_limit"
    ),
    "cap": (
        "cap upper_cap funding_cap rate_cap cap_rate max_rate limit upper_limit upper_bound funding_rate_cap funding_rate_limit "
        "ceiling max_funding_rate max_funding fmax f_max funding_limit adjusted_funding_rate_cap abs_cap absolute_cap max_abs_rate"
    ),
    "floor": (
        "floor lower_cap funding_floor rate_floor min_rate lower_limit lower_bound funding_rate_floor min_funding_rate min_funding fmin "
        "f_min adjusted_funding_rate_floor"
    ),
    "change": "change roc roc_cap change_cap max_change rate_of_change_cap max_rate_change",
    "interval_hours": (
        "interval_hours funding_interval_hours funding_interval interval n_hours hours_per_interval interval_h funding_hours "
        "funding_period_hours period_hours "
        "settlement_interval_hours settlement_interval fund_interval funding_rate_interval_hours"
    ),
    "per_day_count": "intervals_per_day settlements_per_day fundings_per_day times_per_day n_per_day payments_per_day",
    "divisor": "n divisor spread_over_hours convergence_hours convergence",
    "previous": (
        "prev_rate previous_rate last_rate prev_funding_rate previous_funding_rate rate_before initial_rate last_funding_rate f_prev prev"
    ),
    "uncapped": "uncapped uncapped_rate rate_uncapped raw_rate uncapped_funding_rate unlimited_rate",
    "initial_margin": (
        "initial_margin imr im initial_margin_rate initial_margin_ratio initial_margin_fraction imf initial_margin_requirement"
    ),
    "maintenance_margin": (
        "maintenance_margin mmr mm maintenance_margin_rate maintenance_margin_ratio maintenance_margin_fraction mmf "
        "maint_margin maint_margin_ratio maint_margin_rate maintenance_margin_requirement"
    ),
    "max_leverage": "max_leverage maximum_leverage top_leverage leverage_max",
    "factor": "factor funding_factor funding_rate_factor coefficient cap_factor cap_coefficient clamp_factor margin_factor coef",
    "impact_unit": "base base_notional impact_base base_amount unit impact_unit",
    "times": "multiplier rate_multiplier funding_multiplier deployer_multiplier",
    "decimals": "decimals decimal_places dp precision",
    "dead": "dead_zone dead_band deadzone deadband",
    "given_rate": "funding_rate rate f published_rate settled_rate fixed_rate fixed_apr premium_fraction funding",
    "relative_rate": "relative_funding_rate relative_rate rel_funding_rate",
    "absolute_rate": "absolute_funding_rate absolute_rate abs_funding_rate funding_rate_absolute rate_absolute",
    "hours_left": "hours_left hours_to_funding time_to_funding_hours hours_until_funding time_until_funding_hours t_left_hours",
    "moment": "at timestamp time date as_of stamp when datetime moment settled_at funding_time window_end end",
    "turn": "before since after change_at changed_at switch_at",
    "label": (
        "symbol contract market instrument pair coin ticker asset product native_id kind_of_contract contract_kind contract_type "
        "margin_type inst_id instid"
    ),
    "market_list": "market_list list dex perp_dex",
    "quantity": (
        "quantity qty contracts position size amount holding signed_size signed_quantity position_size trader_size base_quantity "
        "number_of_contracts net_position base_asset_amount position_quantity position_contracts position_amt szi"
    ),
    "side": "side direction position_side",
    "value": "notional position_value notional_value position_notional position_usd notional_usd position_usdt notional_usdt size_usd",
    "contract_size": (
        "contract_face_value contract_value contract_value_usd contract_size face_value contract_multiplier bitcoin_multiplier "
        "quanto_multiplier multiplier_xbt ct_val ctval face"
    ),
    "price": "price settlement_price close_price oracle_price_for_index price_for_index",
    "exponent": "exponent price_exponent",
    "delivered_long": "delivered_long long_delivered longs_delivered delivered_by_longs",
    "delivered_short": "delivered_short short_delivered shorts_delivered delivered_by_shorts",
    "failure_rate": "failure_rate",
    "skew": "skew skew_base market_skew",
    "velocity": "velocity funding_velocity",
    "rows": "rows steps",
    "periods": "periods updates",
    "reserved": "reserved reserved_amount reserved_amounts",
    "pool": "pool pool_amount pool_amounts",
    "intervals": "intervals number_of_intervals",
    "long_open": "long_oi long_open long_open_interest oi_long long_base base_long base_asset_amount_long",
    "short_open": "short_oi short_open short_open_interest oi_short short_base base_short base_asset_amount_short",
    "net_open": "base_with_amm base_asset_amount_with_amm net_market_position",
    "quantums": "quantums base_quantums",
    "index_before": "prev_index index_before last_index previous_index",
    "index_after": "funding_index index_after current_index new_index",
    "index_delta": "index_delta delta_index index_move index_change funding_index_delta",
    "saved": "saved saved_factor saved_funding_factor",
    "impact_bid_over": "impact_bid_minus_spot impact_bid_minus_index",
    "impact_ask_over": "impact_ask_minus_spot impact_ask_minus_index",
    "asset_price": "usdc usdt settle_price_usd collateral_price token_price",
    "first_price": "f0 price_before previous_close",
    "next_price": "next_close f1 price_after",
    "to_maturity": (
        "seconds_to_maturity time_to_maturity time_to_maturity_seconds days_to_maturity time_to_maturity_days hours_to_maturity "
        "years_to_maturity time_to_maturity_years"
    ),
    "maturity": "maturity maturity_time",
    "last_paid": "latest_f_time latest_ftime last_payment_time",
    "fee_pool": "fee_pool fee_pool_balance",
    "fee_rate": "fee_rate settle_fee_rate settlement_fee_rate",
    "quote_resolution": "quote_resolution quote_asset_resolution",
    "indexes": "index_twaps indexes index_prices oracle_twaps",
    "margins": "margins",
    "insurance": "insurance insurance_fund",
    "interval_days": "funding_period_over_day period_over_day interval_days",
    "outside": (
        "avg_price_diff average_price_diff avg_price_difference avg_diff price_diff rate_given dividend d1 venue_funding "
        "venue_funding_rate venue_rate target_rate new_rate asked_rate "
        "requested_rate"
    ),
    "offset": "offset offset_1_over_5000 with_offset",
    "counts": "sample_counts samples_with_counts counts",
    "at_least": "min_samples at_least min_num_samples",
    "impact_price": "impact_price",
    "premium_bound": "max_abs max_abs_premium premium_bound max_premium",
    "removal": "removal removal_share tail_removal tail_removal_rate removed_share",
    "opened": "open open_time opened opened_at entry_time",
    "closed": "close close_time closed closed_at exit_time",
    "settlements": "settlements fundings",
    "accounts": "positions holdings holders",
    "paid_rates": "rates funding_rates recent_rates last_rates paid_rates settled_rates previous_rates",
    "calm_rate": "threshold calm_threshold calm_rate calm_limit",
    "calm_count": (
        "calm_cycles calm_payments calm_settlements calm_intervals consecutive consecutive_cycles consecutive_settlements "
        "consecutive_payments cycles"
    ),
    "hours": "hours",
    "minutes": "minutes",
    "seconds": "seconds tick_seconds seconds_elapsed elapsed_seconds dt_seconds dt",
    "days": "days",
}
_OUTPUT_WORDS: Mapping[str, str] = {
    "rate": (
        "funding_rate rate f final_rate capped capped_rate next_funding_rate next_rate rate_relative relative_rate "
        "relative_funding_rate final_funding_rate funding_rate_final settled_rate limited limited_rate slowed rounded factor "
        "funding_factor borrow_rate borrowing_rate"
    ),
    "uncapped": ("uncapped uncapped_rate rate_uncapped raw_rate raw uncapped_funding_rate before_cap rate_before_cap unlimited_rate added"),
    "clamped": "clamped r formula_rate rate_before_scaling pulled unscaled unscaled_rate",
    "interest": "interest interest_rate i interest_component interest_term",
    "premium": "premium constant_premium premium_rate premium_index_sample premium_sample sample_premium p_sample",
    "average": (
        "avg average mean weighted_avg avg_premium average_premium mean_premium premium_index avg_premium_index p twap ma weighted_average "
        "premium_average twap_premium weighted_premium premium_mean weighted_avg_premium"
    ),
    "block_median": "median block_median minute_median minute_sample block_sample sample",
    "premium_bound": "max_premium max_abs_premium premium_bound premium_cap premium_limit premium_clamp max_vote vote_cap",
    "side_rate": "long_rate short_rate long_funding_rate short_funding_rate rate_long rate_short funding_rate_long funding_rate_short",
    "final_price": "final_price delivery_price settlement_price final_settlement_price",
    "cap": (
        "cap max upper_cap max_rate cap_rate rate_cap funding_cap funding_rate_cap limit upper_limit max_funding_rate fmax "
        "f_max ceiling max_abs_rate max_abs_value"
    ),
    "speed": "max_abs_diff max_speed speed_limit",
    "floor": "floor min lower_cap min_rate funding_floor funding_rate_floor lower_limit min_funding_rate fmin f_min",
    "change": "max_change change_cap roc_cap rate_of_change_cap max_abs_change max_step roc",
    "step": "abs_change change step",
    "scale": "scale divisor scaling scale_divisor",
    "impact_notional": "impact_notional impact_margin_notional imn depth_notional",
    "impact_bid": "impact_bid impact_bid_price ib",
    "impact_ask": "impact_ask impact_ask_price ia",
    "impact_mid": "impact_mid impact_mid_price",
    "mid": "mid mid_price",
    "implied_index": "implied_index index_implied implied_index_price",
    "absolute_rate": "absolute_rate absolute_funding_rate rate_absolute",
    "damper_form": "damper_form max_min_form",
    "pull_form": "pull_form clamp_form",
    "total": "total_over total rate_over sum_over total_rate sum_rate accrued accrued_rate rate_accrued accrual_rate funding",
    "payment": (
        "payment payments funding_payment funding_payments funding_paid paid received funding_received fee funding_fee fees pnl "
        "funding_pnl settle settlement amount cash_flow payment_long payment_short long_payment short_payment long_pays "
        "short_pays long_receives short_receives long_received short_received long_paid short_paid "
        "funding_long funding_short long_funding short_funding funding_fee_paid funding_amount usdc borrow_fee "
        "borrowing_fee"
    ),
    "index_move": "index_delta funding_index delta_index index_move funding_index_delta cumulative_funding_delta",
    "amount_per_base": (
        "premium_fraction funding_per_base payment_per_base amount_per_base premium_usdc premium_usdt funding_rate_quote accrued_per_unit"
    ),
    "kept": "kept kept_samples samples_kept trimmed",
    "margin_after": "margin_after",
    "bad_debt": "bad_debt",
    "clearing_price": "clearing_price clearing_rate clearing_charge uniform_price repo_price",
    "filled": "filled repo_volume volume_filled filled_quantity",
    "net_delivery": "net_delivery net_delivered net",
    "undelivered": "undelivered unfilled not_delivered",
    "failed": "failed failure",
    "velocity": "velocity funding_velocity",
    "rates": "rates",
    "next_factor": "next_factor next_saved_factor next_funding_factor saved_after",
    "rate_units": "cumulative_rate cumulative_funding_rate",
    "variation": (
        "s_long s_short long_pnl short_pnl long_variation short_variation pnl_long pnl_short variation "
        "long_pnls short_pnls long_pnl_total short_pnl_total total_long_pnl total_short_pnl s_total"
    ),
    "variation_base": "pnl_base variation_base next_base pnl_bases variation_bases",
    "upfront": "upfront upfront_fixed upfront_cost",
    "insurance_after": "insurance insurance_after insurance_fund",
    "position_value": "position_value notional notional_value value position_notional",
    "per_sample": "per_minute per_sample samples_after minute_rates per_minute_rate transformed",
    "interval_hours": "interval_hours funding_interval_hours interval funding_interval",
    "next_interval": (
        "next_interval_hours next_interval interval_after new_interval new_interval_hours interval_hours_after next_funding_interval "
        "next_funding_interval_hours new_funding_interval_hours interval_hours_next"
    ),
    "per_day_count": "intervals_per_day settlements_per_day fundings_per_day payments_per_day",
    "sample_count": "samples n_samples sample_count samples_per_interval samples_expected number_of_samples n_samples_expected",
    "apr": "apr apr_simple annualised annualized annual_rate apr_rate annualised_rate annualized_rate annual yearly per_year",
    "apy": "apy apy_compounded",
    "lag": "lag lag_intervals",
    "lag_hours": "lag_hours hours_of_lag",
    "fair_basis": "fair_basis funding_basis",
    "mark": "mark mark_price fair_price fair",
    "payer": "payer pays who_pays paying_side",
    "plateau_low": "plateau_low plateau_from flat_from flat_low",
    "plateau_high": "plateau_high plateau_to flat_to flat_high",
    "bent": "bent bent_premium h f_x h_x",
}

_SMALL_TALK = "exchange futures real data formula perpetual perpetuals perp perps swap swaps rule the and of version contracts"
SMALL_TALK = frozenset(_SMALL_TALK.split())
"""Words beside a venue's name that say nothing about its rule."""
VARIANTS = frozenset({"linear", "simple", "equal", "before", "after", "old", "new", "main", "builder"})
"""Words of an output that pick one of several rules: by its average, by date, by list."""
ASSETS = frozenset({"usd", "usdt", "usdc", "btc", "xbt", "eth", "sol", "eur"})
"""Codes of assets that a name may end with: position_btc, payment_usdc."""
COINS = frozenset({"btc", "xbt", "eth", "sol"})
SATOSHI = frozenset({"satoshi", "satoshis", "sats"})
DOLLARS = frozenset({"usd", "usdt", "usdc"})
FILLERS = frozenset({"rule", "formula", "weights", "weighting", "assumed"}) | ASSETS
"""Words that may stand in a name without changing what it means, once the name without them is known."""
SAID_WHOLE: Mapping[str, str] = {"N": "interval_hours", "n": "divisor", "I": "interest", "P": "average", "F": "given_rate", "R": "clamped"}
"""Single letters, as formulas write them."""


def _turned(words: Mapping[str, str]) -> dict[str, str]:
    table: dict[str, str] = {}
    for concept, names in words.items():
        for name in names.split():
            if table.setdefault(name, concept) != concept:
                raise AssertionError(f"{name} stands for {table[name]} and {concept}")
    return table


INPUTS = _turned(_INPUT_WORDS)
OUTPUTS = _turned(_OUTPUT_WORDS)
OF_MONEY = frozenset({"payment", "position_value"})
"""Concepts of outputs that are amounts of an asset."""
MONEY = frozenset({"quantity", "value", "settlements", "accounts"})
"""Concepts of inputs that speak of a holding."""
HOURS_OF = {"hours": Fraction(1), "minutes": Fraction(1, 60), "seconds": Fraction(1, 3600), "days": Fraction(24)}
CONTRACT_NUMBERS: Mapping[str, str] = _turned(
    {
        "max_factor": "max max_funding_factor",
        "min_factor": "min min_funding_factor",
        "base_factor": "base_borrowing_factor base_borrow_factor",
        "above_factor": "above_optimal_factor above_optimal_usage_factor above_optimal_borrowing_factor",
        "optimal_usage": "optimal_usage_factor optimal_utilization",
    }
)
"""Other names of numbers that a rule asks the contract for, periods taken off."""
DURATIONS = frozenset({*HOURS_OF, "impact_unit"})
"""Concepts that matter to money only, where a rate does not change in time."""
DESCRIPTIVE = frozenset({"side", "quantity", "value", "contract_size", "accounts"})
"""Concepts that describe a holding: no rate depends on them."""
PAID_AT = frozenset({"price", "mark"})
PRICES_SEEN = frozenset({"impact_bid", "impact_ask", "impact_price", "bid", "ask", "bids", "asks"})
"""Concepts of prices a premium may be observed from, besides the mark."""
CONTRACT = frozenset({"initial_margin", "maintenance_margin", "max_leverage", "label", "market_list", "moment"})
"""What describes the contract or the moment: handed to the rule, which may not ask for it."""
