"""Experts at half of full performance: does the agent pass them?"""
